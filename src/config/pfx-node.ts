import { createPrivateKey, randomBytes, timingSafeEqual, X509Certificate } from 'node:crypto'
import {
  bytesOf,
  identifier,
  identifierOf,
  integer,
  nothing,
  numberOf,
  octets,
  octetsOf,
  partsOf,
  readBlock,
  StrangeBytes,
  sequence,
  set,
  tagged,
  taggedOctets,
} from './asn1-blocks.ts'
import { decryptByPassphrase, encryptByPassphrase, macByPassphrase, SHA256 } from './password-encryption-node.ts'

/** What a PFX file held: PEM each. */
export interface PfxContents {
  readonly certificates: readonly string[]
  /** PKCS #8. */
  readonly keys: readonly string[]
}

const DATA = '1.2.840.113549.1.7.1'
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6'
const BAG = '1.2.840.113549.1.12.10.1'
const KEY_BAG = `${BAG}.1`
const SHROUDED_KEY_BAG = `${BAG}.2`
const CERTIFICATE_BAG = `${BAG}.3`
const NESTED_BAG = `${BAG}.6`
const X509_CERTIFICATE = '1.2.840.113549.1.9.22.1'
const LOCAL_KEY_ID = '1.2.840.113549.1.9.21'
const VERSION = 3
const MAC_SALT_BYTES = 16
// Turned on the main thread: some 20 ms, well below what a lease allows.
const MAC_ROUNDS = 10_000
const NESTED_MAX = 4

/** Reads a PKCS #12 file (RFC 7292). Rejects with `StrangeBytes`, whose message ends a sentence, where it cannot. */
export async function readPfx(bytes: Uint8Array, passphrase: string): Promise<PfxContents> {
  const [, authenticated, mac] = partsOf(readBlock(bytes))
  const [type, content] = partsOf(authenticated)
  if (identifierOf(type) !== DATA) throw new StrangeBytes('it is protected by a certificate instead of a passphrase')
  const safes = octetsOf(partsOf(content)[0])
  if (mac) checkMac(mac, safes, passphrase)
  const found: { certificates: string[]; keys: string[] } = { certificates: [], keys: [] }
  for (const safe of partsOf(readBlock(safes))) await readSafe(safe, passphrase, found)
  return found
}

/** Makes a PKCS #12 file of a private key and its chain, all of it encrypted (AES-256, SHA-256). */
export async function writePfx(
  { chain, key }: { readonly chain: readonly string[]; readonly key: string },
  passphrase: string,
): Promise<Buffer> {
  // By this programs find out which of the certificates belongs to the key.
  const keyId = randomBytes(8)
  const attributes = set(sequence(identifier(LOCAL_KEY_ID), set(octets(keyId))))
  const certificates = chain.map((pem, index) => {
    const value = sequence(identifier(X509_CERTIFICATE), tagged(octets(new X509Certificate(pem).raw)))
    return sequence(identifier(CERTIFICATE_BAG), tagged(value), ...(index === 0 ? [attributes] : []))
  })
  const privateKey = createPrivateKey(key).export({ type: 'pkcs8', format: 'der' })
  const shrouded = await encryptByPassphrase(privateKey, passphrase)
  const keyBag = sequence(
    identifier(SHROUDED_KEY_BAG),
    tagged(sequence(shrouded.algorithm, octets(shrouded.sealed))),
    attributes,
  )
  const { algorithm, sealed } = await encryptByPassphrase(bytesOf(sequence(...certificates)), passphrase)
  const encrypted = sequence(integer(0), sequence(identifier(DATA), algorithm, taggedOctets(sealed)))
  const safes = bytesOf(
    sequence(
      sequence(identifier(ENCRYPTED_DATA), tagged(encrypted)),
      sequence(identifier(DATA), tagged(octets(bytesOf(sequence(keyBag))))),
    ),
  )
  const salt = randomBytes(MAC_SALT_BYTES)
  const mac = macByPassphrase(SHA256, safes, { passphrase, salt, rounds: MAC_ROUNDS })
  return bytesOf(
    sequence(
      integer(VERSION),
      sequence(identifier(DATA), tagged(octets(safes))),
      sequence(sequence(sequence(identifier(SHA256), nothing()), octets(mac)), octets(salt), integer(MAC_ROUNDS)),
    ),
  )
}

type Block = ReturnType<typeof readBlock>

function checkMac(block: Block, bytes: Buffer, passphrase: string): void {
  const [digestInfo, salt, rounds] = partsOf(block)
  const [algorithm, wanted] = partsOf(digestInfo)
  const found = macByPassphrase(identifierOf(partsOf(algorithm)[0]), bytes, {
    passphrase,
    salt: octetsOf(salt),
    rounds: rounds ? numberOf(rounds) : 1,
  })
  const expected = octetsOf(wanted)
  if (expected.length !== found.length || !timingSafeEqual(expected, found))
    throw new StrangeBytes('the passphrase does not open it, or it was damaged')
}

async function readSafe(
  safe: Block,
  passphrase: string,
  found: { certificates: string[]; keys: string[] },
): Promise<void> {
  const [type, content] = partsOf(safe)
  const [inner] = partsOf(content)
  if (identifierOf(type) === DATA) return readBags(octetsOf(inner), passphrase, found)
  if (identifierOf(type) !== ENCRYPTED_DATA) return
  const [, encrypted] = partsOf(inner)
  const [, algorithm, sealed] = partsOf(encrypted)
  await readBags(await decryptByPassphrase(algorithm, octetsOf(sealed), passphrase), passphrase, found)
}

async function readBags(
  bytes: Uint8Array,
  passphrase: string,
  found: { certificates: string[]; keys: string[] },
  depth = 0,
): Promise<void> {
  for (const bag of partsOf(readBlock(bytes))) {
    const [type, content] = partsOf(bag)
    const [value] = partsOf(content)
    const kind = identifierOf(type)
    if (kind === CERTIFICATE_BAG) {
      const [certificateType, certificate] = partsOf(value)
      if (identifierOf(certificateType) !== X509_CERTIFICATE) continue
      found.certificates.push(new X509Certificate(octetsOf(partsOf(certificate)[0])).toString())
    } else if (kind === KEY_BAG) found.keys.push(pemOf(bytesOf(value)))
    else if (kind === SHROUDED_KEY_BAG) {
      const [algorithm, sealed] = partsOf(value)
      found.keys.push(pemOf(await decryptByPassphrase(algorithm, octetsOf(sealed), passphrase)))
    } else if (kind === NESTED_BAG && depth < NESTED_MAX) await readBags(bytesOf(value), passphrase, found, depth + 1)
  }
}

function pemOf(der: Buffer): string {
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString()
}
