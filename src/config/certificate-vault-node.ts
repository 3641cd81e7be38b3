import type { Document, DocumentStore } from '../store/document-store.ts'
import { factsOf, type KeyedChain, splitChain } from './certificate-chain-node.ts'
import { type KeyHolder, type OldForm, type PrivateKeys, VaultClosed } from './private-keys.ts'

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
  /** Of an earlier version, or for one that still runs. */
  readonly sealedKey?: string
  readonly source: CertificateSource
  readonly by: string
  readonly at: number
}

/** Where an earlier version left the key. */
export const CERTIFICATE_KEYS: KeyHolder = {
  document: CERTIFICATE_DOCUMENT,
  oldKeys(body) {
    const stored = JSON.parse(body) as StoredCertificate
    const old = oldFormOf(stored)
    return old ? [{ name: keyNameOf(splitChain(stored.chain)), ...old }] : []
  },
  withoutOldKeys: (body) => JSON.stringify({ ...JSON.parse(body), sealedKey: undefined }),
}

/** Keeps the public certificate in the shared documents, and its private key in the vault. */
export class CertificateVault {
  readonly #documents: DocumentStore
  readonly #keys: PrivateKeys

  constructor(options: { readonly documents: DocumentStore; readonly keys: PrivateKeys }) {
    this.#documents = options.documents
    this.#keys = options.keys
  }

  /** As it is stored, sealed. Rejects where the store does. */
  document(): Promise<Document | undefined> {
    return this.#documents.document(CERTIFICATE_DOCUMENT)
  }

  /** `undefined`: nothing of this node opens the private key. */
  async open(document: Document): Promise<PublicCertificate | undefined> {
    const shown = publicPartOf(document)
    const key = await this.#keys.open(keyNameOf(shown.chain), oldFormIn(document))
    return key === undefined ? undefined : { ...shown, key }
  }

  /** The present one; rejects where the store does. */
  async read(): Promise<PublicCertificate | undefined> {
    const document = await this.document()
    return document && this.open(document)
  }

  /**
   * Stores in the place of version `expect` (0: there was none). `false`: somebody else was quicker. Throws `VaultClosed`
   * where nothing can be sealed.
   */
  async store(
    certificate: KeyedChain & Pick<PublicCertificate, 'source' | 'by' | 'at'>,
    expect: number,
  ): Promise<boolean> {
    const { key, source, by, at } = certificate
    const chain = certificate.chain.map((pem) => pem.trim()).join('\n')
    const name = keyNameOf(certificate.chain)
    const before = await this.document()
    // The key first: there is never a certificate without one.
    const kept = await this.#keys.keep(name, key)
    if (kept.kind === 'sealed') throw new VaultClosed(kept.reason)
    const sealedKey = oldFormIn(before) && (await this.#keys.sealOld(key, PURPOSE))
    const body: StoredCertificate = { chain, ...(sealedKey && { sealedKey }), source, by, at }
    const put = await this.#documents.putDocument(CERTIFICATE_DOCUMENT, JSON.stringify(body), expect)
    const stored = put.kind === 'stored'
    const [used, unused] = stored ? [name, keyNameIn(before)] : [keyNameIn(put.found), name]
    if (unused !== undefined && unused !== used) await this.#keys.drop([unused])
    return stored
  }
}

/** The chain of a stored certificate, which anybody may see; its key stays sealed. */
export function publicPartOf({ version, body }: Document): Omit<PublicCertificate, 'key'> {
  const { chain, source, by, at } = JSON.parse(body) as StoredCertificate
  return { version, chain: splitChain(chain), source, by, at }
}

function keyNameIn(document: Document | undefined): string | undefined {
  return document && keyNameOf(publicPartOf(document).chain)
}

function keyNameOf([own = '']: readonly string[]): string {
  return `key/certificate-${factsOf(own).fingerprint}`
}

function oldFormIn(document: Document | undefined): OldForm | undefined {
  return document && oldFormOf(JSON.parse(document.body) as StoredCertificate)
}

function oldFormOf({ sealedKey }: StoredCertificate): OldForm | undefined {
  return sealedKey === undefined ? undefined : { sealed: sealedKey, purpose: PURPOSE }
}
