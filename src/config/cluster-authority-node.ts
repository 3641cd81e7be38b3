import 'reflect-metadata'
import { createPrivateKey, randomBytes } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { assert } from '../base/assertion.ts'
import type { NodeName } from '../base/ids.ts'
import type { DocumentStore } from '../store/document-store.ts'
import type { KeyHolder, OldForm, PrivateKeys } from './private-keys.ts'

/** What signs the certificates of a cluster's nodes; every node that knows the secret has it. */
export interface ClusterAuthority {
  readonly kind: 'authority'
  /** Names the cluster, in every certificate: nodes of two clusters never take each other for their own. */
  readonly cluster: string
  /** PEM. */
  readonly certificate: string
  /** PKCS #8, PEM. */
  readonly key: string
}

/** Nothing of this node opens the authority's key: the join token is of another cluster, or the master key is missing. */
export interface WrongSecret {
  readonly kind: 'wrong-secret'
  readonly reason: string
}

export interface NodeCertificate {
  /** PEM. */
  readonly certificate: string
  /** PKCS #8, PEM. */
  readonly key: string
  /** Milliseconds since 1970 by this machine's clock. */
  readonly expiresAtMs: number
}

/** The shared document that holds it. */
export const AUTHORITY_DOCUMENT = 'cluster-authority'
const PURPOSE = 'the key of the cluster authority'
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAY_MS = 24 * 60 * 60 * 1000
const AUTHORITY_DAYS = 20 * 365
const NODE_DAYS = 30
// The library takes quotes and a leading # apart; a name with them would be certified as another one.
const NODE_NAME = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$/

interface StoredAuthority {
  readonly cluster: string
  readonly certificate: string
  /** Of an earlier version. */
  readonly sealedKey?: string
}

/** Where an earlier version left the key. */
export const AUTHORITY_KEYS: KeyHolder = {
  document: AUTHORITY_DOCUMENT,
  oldKeys(body) {
    const stored = JSON.parse(body) as StoredAuthority
    const old = oldFormOf(stored)
    return old ? [{ name: keyNameOf(stored), ...old }] : []
  },
  withoutOldKeys: (body) => JSON.stringify({ ...JSON.parse(body), sealedKey: undefined }),
}

/**
 * The cluster's authority: from the shared documents, its key from the vault. The first node of a cluster makes it; of several first nodes the
 * one whose document was stored first has made it. Rejects only where the store does.
 */
export async function createOrLoadAuthority(options: {
  documents: DocumentStore
  keys: PrivateKeys
}): Promise<ClusterAuthority | WrongSecret> {
  const { documents, keys } = options
  const found = await documents.document(AUTHORITY_DOCUMENT)
  if (found) return openAuthority(found.body, keys)
  const made = await makeAuthority()
  const body: StoredAuthority = { cluster: made.cluster, certificate: made.certificate }
  // The key first: there is never an authority without one.
  const kept = await keys.keep(keyNameOf(body), made.key)
  if (kept.kind === 'sealed') return { kind: 'wrong-secret', reason: kept.reason }
  const put = await documents.putDocument(AUTHORITY_DOCUMENT, JSON.stringify(body), 0)
  if (put.kind === 'stored') return made
  await keys.drop([keyNameOf(body)])
  return put.found ? openAuthority(put.found.body, keys) : createOrLoadAuthority(options)
}

/** A certificate for one node and for so long that renewing it a few days before the end is never urgent. */
export async function issueNodeCertificate(authority: ClusterAuthority, node: NodeName): Promise<NodeCertificate> {
  assert(NODE_NAME.test(node), `"${node}" is no name that a certificate can carry unaltered`)
  const issuer = new x509.X509Certificate(authority.certificate)
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const expiresAtMs = Date.now() + NODE_DAYS * DAY_MS
  const certificate = await x509.X509CertificateGenerator.create({
    ...lifetime(expiresAtMs),
    subject: subjectOf(node, authority.cluster),
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    signingKey: await signingKeyOf(authority.key),
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
    ],
  })
  return { certificate: certificate.toString('pem'), key: await pemOf(keys.privateKey), expiresAtMs }
}

async function makeAuthority(): Promise<ClusterAuthority> {
  const cluster = randomBytes(8).toString('hex')
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...lifetime(Date.now() + AUTHORITY_DAYS * DAY_MS),
    name: subjectOf('Holdfast cluster authority', cluster),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  })
  return { kind: 'authority', cluster, certificate: certificate.toString('pem'), key: await pemOf(keys.privateKey) }
}

async function openAuthority(body: string, keys: PrivateKeys): Promise<ClusterAuthority | WrongSecret> {
  const stored = JSON.parse(body) as StoredAuthority
  const { cluster, certificate } = stored
  const key = await keys.open(keyNameOf(stored), oldFormOf(stored))
  if (key === undefined) {
    const reason =
      'The secret does not open the keys of this cluster: the join token is of another cluster, or damaged. Where the cluster has a master key, this node needs it, too.'
    return { kind: 'wrong-secret', reason }
  }
  return { kind: 'authority', cluster, certificate, key }
}

function keyNameOf({ cluster }: Pick<StoredAuthority, 'cluster'>): string {
  return `key/cluster-authority-${cluster}`
}

function oldFormOf({ sealedKey }: StoredAuthority): OldForm | undefined {
  return sealedKey === undefined ? undefined : { sealed: sealedKey, purpose: PURPOSE }
}

/** Valid since yesterday: the clocks of two machines may differ. */
function lifetime(expiresAtMs: number): { serialNumber: string; notBefore: Date; notAfter: Date } {
  // A leading 0 bit keeps the number positive.
  const serialNumber = `0${randomBytes(16).toString('hex').slice(1)}`
  return { serialNumber, notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(expiresAtMs) }
}

function subjectOf(name: string, cluster: string): x509.JsonName {
  return [{ CN: [name] }, { O: [cluster] }]
}

async function pemOf(key: CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')
}

function signingKeyOf(pem: string): Promise<CryptoKey> {
  const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' })
  return crypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign'])
}
