import 'reflect-metadata'
import { createPrivateKey, type KeyObject, randomBytes, X509Certificate } from 'node:crypto'
import { createSecureContext, getCACertificates } from 'node:tls'
import * as x509 from '@peculiar/x509'
import { StrangeBytes } from './asn1-blocks.ts'
import type { CertificateFacts, ChainFacts } from './certificate-decision.ts'
import { readPfx } from './pfx-node.ts'

/** A private key and the certificates that go with it, the server's own first. */
export interface KeyedChain {
  /** PEM, one after the other. */
  readonly chain: readonly string[]
  /** PKCS #8, PEM, in the clear. */
  readonly key: string
}

/** What somebody brought could not be read; the sentence says why. */
export interface Unreadable {
  readonly kind: 'unreadable'
  readonly sentence: string
}

/** What was read; `notes` tell what was put right on the way. */
export interface ReadChain extends KeyedChain {
  readonly kind: 'read'
  readonly notes: readonly string[]
}

const BEGIN = '-----BEGIN '
const DAY_MS = 86_400_000
const SELF_SIGNED_DAYS = 397
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** Certificates and a private key from PEM: in one text or in two, in any order. */
export function readPem(text: string, passphrase?: string): ReadChain | Unreadable {
  const blocks = blocksOf(text)
  const certificates = blocks.filter(({ label }) => label === 'CERTIFICATE').map(({ pem }) => pem)
  const keys = blocks.filter(({ label }) => label.endsWith('PRIVATE KEY')).map(({ pem }) => pem)
  return putInOrder(certificates, keys, passphrase)
}

/** Certificates and a private key from a PFX file. */
export async function readPfxChain(bytes: Uint8Array, passphrase = ''): Promise<ReadChain | Unreadable> {
  try {
    const { certificates, keys } = await readPfx(bytes, passphrase)
    return putInOrder(certificates, keys)
  } catch (error) {
    // Other faults come from the parts of the file that the runtime reads.
    const reason = error instanceof StrangeBytes ? error.message : 'a key or certificate in it is damaged'
    return unreadable(`The PFX file cannot be read: ${reason}.`)
  }
}

/** The certificates of a PEM text. Throws where one of them is none. */
export function splitChain(pem: string): readonly string[] {
  return blocksOf(pem).map((block) => new X509Certificate(block.pem).toString())
}

/** Why this runtime would not speak TLS with it, though nothing is wrong with its words: weak keys, old signatures. */
export function tlsRefusal({ chain, key }: KeyedChain): string | undefined {
  try {
    createSecureContext({ cert: chain.join('\n'), key })
    return undefined
  } catch (error) {
    return `TLS refuses it: ${error instanceof Error ? error.message : String(error)}.`
  }
}

/** Everything that judging a chain needs. */
export function chainFacts({ chain, key }: { readonly chain: readonly string[]; readonly key?: string }): ChainFacts {
  const certificates = chain.map((pem) => new X509Certificate(pem))
  const [own] = certificates
  const last = certificates.at(-1)
  // Those of servers may sign nothing, so the runtime does not say that they were issued by themselves.
  const endsInItself = last !== undefined && last.subject === last.issuer && last.verify(last.publicKey)
  return {
    chain: chain.map(factsOf),
    linked: certificates.slice(1).map((issuer, index) => signed(certificates[index] as X509Certificate, issuer)),
    keyMatches: key === undefined || (own?.checkPrivateKey(createPrivateKey(key)) ?? false),
    endsInItself,
    rootKnown: last !== undefined && isRootKnown(last, endsInItself),
  }
}

/** What one certificate says of itself. */
export function factsOf(pem: string): CertificateFacts {
  const certificate = new x509.X509Certificate(pem)
  const names = certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? []
  return {
    subject: certificate.subject || 'nobody',
    issuer: certificate.issuer || 'nobody',
    names: names.filter(({ type }) => type === 'dns' || type === 'ip').map(({ value }) => value.toLowerCase()),
    beginsAtMs: certificate.notBefore.getTime(),
    endsAtMs: certificate.notAfter.getTime(),
    fingerprint: new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase(),
  }
}

/** The private key for whoever takes it elsewhere: encrypted PKCS #8. */
export function encryptedKey(key: string, passphrase: string): string {
  return createPrivateKey(key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString()
}

/** A certificate that nobody vouches for: so that a node can speak TLS before it is given a better one. */
export async function selfSigned(names: readonly string[], nowMs: number): Promise<KeyedChain> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    // A leading 0 bit keeps the number positive; clocks of two machines may differ by a little.
    serialNumber: `0${randomBytes(16).toString('hex').slice(1)}`,
    notBefore: new Date(nowMs - DAY_MS),
    notAfter: new Date(nowMs + SELF_SIGNED_DAYS * DAY_MS),
    name: [{ CN: ['Holdfast without a certificate yet'] }],
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names.map(alternativeName)),
    ],
  })
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
  return { chain: [certificate.toString('pem')], key }
}

/** A new private key, and the request by which an authority certifies it for `names`. */
export async function certificateRequest(names: readonly string[]): Promise<{ key: string; request: Buffer }> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [new x509.SubjectAlternativeNameExtension(names.map(alternativeName))],
  })
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
  return { key, request: Buffer.from(request.rawData) }
}

/** Each part of a PEM text; what has no end, and what stands between, is left out. */
function blocksOf(text: string): readonly { readonly pem: string; readonly label: string }[] {
  const parts = text.split(BEGIN).slice(1)
  return parts.flatMap((part) => {
    const label = /^[A-Z0-9 ]{1,40}(?=-----)/.exec(part)?.[0]
    const end = `-----END ${label}-----`
    const at = label === undefined ? -1 : part.indexOf(end)
    return label === undefined || at < 0 ? [] : [{ label, pem: `${BEGIN}${part.slice(0, at)}${end}\n` }]
  })
}

function alternativeName(name: string): { type: 'dns' | 'ip'; value: string } {
  return { type: /^[\d.]+$/.test(name) || name.includes(':') ? 'ip' : 'dns', value: name }
}

/** The one that belongs to the key first, then whoever signed it, and so on; what belongs to none of them is left out. */
function putInOrder(pems: readonly string[], keyPems: readonly string[], passphrase?: string): ReadChain | Unreadable {
  const [keyPem] = keyPems
  if (pems.length === 0) return unreadable('There is no certificate in it.')
  if (keyPem === undefined) return unreadable('There is no private key in it.')
  const key = openKey(keyPem, passphrase)
  if (!key) {
    const asked = passphrase === undefined ? 'it is encrypted, and no passphrase was given' : 'the passphrase is wrong'
    return unreadable(`The private key cannot be read: ${asked}, or it is damaged.`)
  }
  let certificates: readonly X509Certificate[]
  try {
    certificates = pems.map((pem) => new X509Certificate(pem))
    // Two programs read it: what one of them does not understand would be told of too late.
    for (const certificate of certificates) factsOf(certificate.toString())
  } catch {
    return unreadable('A certificate in it is damaged.')
  }
  const own = certificates.find((certificate) => certificate.checkPrivateKey(key)) ?? certificates[0]
  const ordered: X509Certificate[] = []
  for (let next = own; next && !ordered.includes(next); ) {
    ordered.push(next)
    const last: X509Certificate = next
    next = certificates.find((issuer) => !ordered.includes(issuer) && signed(last, issuer))
  }
  const notes = [
    ...(keyPems.length > 1 ? ['It holds several private keys; the first one was taken.'] : []),
    ...(ordered.some((certificate, index) => certificate !== certificates[index])
      ? ['The certificates stood in another order and were put right.']
      : []),
    ...certificates
      .filter((certificate) => !ordered.includes(certificate))
      .map(({ subject }) => `The certificate of ${oneLine(subject)} signed nothing of the rest and was left out.`),
  ]
  const pem = key.export({ type: 'pkcs8', format: 'pem' }).toString()
  return { kind: 'read', chain: ordered.map(String), key: pem, notes }
}

function openKey(pem: string, passphrase: string | undefined): KeyObject | undefined {
  try {
    return createPrivateKey({ key: pem, ...(passphrase !== undefined && { passphrase }) })
  } catch {
    return undefined
  }
}

function signed(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
}

function isRootKnown(last: X509Certificate, endsInItself: boolean): boolean {
  const name = endsInItself ? last.subject : last.issuer
  return getCACertificates('default').some((pem) => {
    const root = new X509Certificate(pem)
    if (root.subject !== name) return false
    return endsInItself ? root.fingerprint256 === last.fingerprint256 : signed(last, root)
  })
}

function oneLine(subject: string): string {
  return subject.replaceAll('\n', ', ')
}

function unreadable(sentence: string): Unreadable {
  return { kind: 'unreadable', sentence }
}
