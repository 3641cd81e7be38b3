import type { Document, DocumentStore } from '../store/document-store.ts'
import { type KeyedChain, splitChain } from './certificate-chain-node.ts'
import { SecretBox } from './secret-box-node.ts'

/** Where a certificate came from: a person brought it, an authority issued it to us, or nobody vouches for it yet. */
export type CertificateSource = 'imported' | 'issued' | 'self-signed'

/** The certificate by which the cluster speaks TLS to people, the same on all nodes. */
export interface PublicCertificate extends KeyedChain {
  /** Rises with each change. */
  readonly version: number
  readonly source: CertificateSource
  /** Who or what stored it. */
  readonly by: string
  /** Milliseconds since 1970 by the clock of who stored it. */
  readonly at: number
}

export const CERTIFICATE_DOCUMENT = 'public-certificate'
const PURPOSE = 'the key of the public certificate'

interface StoredCertificate {
  readonly chain: string
  readonly sealedKey: string
  readonly source: CertificateSource
  readonly by: string
  readonly at: number
}

/** Keeps the public certificate in the shared documents, its private key sealed by the cluster's secret. */
export class CertificateVault {
  readonly #documents: DocumentStore
  readonly #box: SecretBox

  constructor(options: { readonly documents: DocumentStore; readonly secret: string }) {
    this.#documents = options.documents
    this.#box = new SecretBox(options.secret)
  }

  /** As it is stored, sealed. Rejects where the store does. */
  document(): Promise<Document | undefined> {
    return this.#documents.document(CERTIFICATE_DOCUMENT)
  }

  /** `undefined`: the cluster's secret does not open the private key. */
  async open({ version, body }: Document): Promise<PublicCertificate | undefined> {
    const { chain, sealedKey, source, by, at } = JSON.parse(body) as StoredCertificate
    const key = await this.#box.open(sealedKey, PURPOSE)
    return key === undefined ? undefined : { version, chain: splitChain(chain), key, source, by, at }
  }

  /** The present one; rejects where the store does. */
  async read(): Promise<PublicCertificate | undefined> {
    const document = await this.document()
    return document && this.open(document)
  }

  /** Stores in the place of version `expect` (0: there was none). `false`: somebody else was quicker. */
  async store(
    certificate: KeyedChain & Pick<PublicCertificate, 'source' | 'by' | 'at'>,
    expect: number,
  ): Promise<boolean> {
    const { chain, key, source, by, at } = certificate
    const body: StoredCertificate = {
      chain: chain.map((pem) => pem.trim()).join('\n'),
      sealedKey: await this.#box.seal(key, PURPOSE),
      source,
      by,
      at,
    }
    const put = await this.#documents.putDocument(CERTIFICATE_DOCUMENT, JSON.stringify(body), expect)
    return put.kind === 'stored'
  }
}

/** The chain of a stored certificate, which anybody may see; its key stays sealed. */
export function publicPartOf({ version, body }: Document): Omit<PublicCertificate, 'key'> {
  const { chain, source, by, at } = JSON.parse(body) as StoredCertificate
  return { version, chain: splitChain(chain), source, by, at }
}
