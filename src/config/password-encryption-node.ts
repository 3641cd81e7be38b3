import { createCipheriv, createDecipheriv, createHmac, hash, pbkdf2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import type { AsnType } from 'asn1js'
import {
  identifier,
  identifierOf,
  integer,
  nothing,
  numberOf,
  octets,
  octetsOf,
  partsOf,
  StrangeBytes,
  sequence,
} from './asn1-blocks.ts'

// Whoever gives us a file also gives the number of rounds that we turn.
const ROUNDS_MAX = 2_000_000
// The old derivation is turned on the main thread; programs of today write 10,000 at most.
const OLD_ROUNDS_MAX = 100_000
/** On a thread of its own, so it may take its time. */
const ROUNDS = 200_000
const SALT_BYTES = 16
const IV_BYTES = 16
const KEY_BYTES = 32

const PBES2 = '1.2.840.113549.1.5.13'
const PBKDF2 = '1.2.840.113549.1.5.12'
const HMAC_SHA1 = '1.2.840.113549.2.7'
const HMAC_SHA256 = '1.2.840.113549.2.9'
const AES_256_CBC = '2.16.840.1.101.3.4.1.42'
const TRIPLE_DES = '1.2.840.113549.1.12.1.3'

const PSEUDO_RANDOM: Readonly<Record<string, string>> = {
  [HMAC_SHA1]: 'sha1',
  '1.2.840.113549.2.8': 'sha224',
  [HMAC_SHA256]: 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
}
const CIPHERS: Readonly<Record<string, { name: string; keyBytes: number }>> = {
  '2.16.840.1.101.3.4.1.2': { name: 'aes-128-cbc', keyBytes: 16 },
  '2.16.840.1.101.3.4.1.22': { name: 'aes-192-cbc', keyBytes: 24 },
  [AES_256_CBC]: { name: 'aes-256-cbc', keyBytes: KEY_BYTES },
  '1.2.840.113549.3.7': { name: 'des-ede3-cbc', keyBytes: 24 },
}
const HASHES: Readonly<Record<string, { name: string; blockBytes: number; bytes: number }>> = {
  '1.3.14.3.2.26': { name: 'sha1', blockBytes: 64, bytes: 20 },
  '2.16.840.1.101.3.4.2.1': { name: 'sha256', blockBytes: 64, bytes: 32 },
  '2.16.840.1.101.3.4.2.2': { name: 'sha384', blockBytes: 128, bytes: 48 },
  '2.16.840.1.101.3.4.2.3': { name: 'sha512', blockBytes: 128, bytes: 64 },
}
/** What the key that is derived will be used for (RFC 7292, appendix B.3). */
const FOR_KEY = 1
const FOR_IV = 2
const FOR_MAC = 3

export const SHA256 = '2.16.840.1.101.3.4.2.1'

/** Decrypts what a passphrase protects. `algorithm`: an AlgorithmIdentifier of PKCS #5 or PKCS #12. */
export async function decryptByPassphrase(
  algorithm: AsnType | undefined,
  sealed: Uint8Array,
  passphrase: string,
): Promise<Buffer> {
  const [id, parameters] = partsOf(algorithm)
  const scheme = identifierOf(id)
  if (scheme === PBES2) return decryptModern(parameters, sealed, passphrase)
  if (scheme !== TRIPLE_DES)
    throw new StrangeBytes(
      `it is encrypted by an old method (${scheme}) that is no protection any more; export it again with AES, such as by \`Export-PfxCertificate -CryptoAlgorithmOption AES256_SHA256\``,
    )
  const [salt, rounds] = partsOf(parameters)
  const derive = (purpose: number, length: number) =>
    deriveKey('1.3.14.3.2.26', passphrase, octetsOf(salt), numberOf(rounds), purpose, length)
  return decipher('des-ede3-cbc', derive(FOR_KEY, 24), derive(FOR_IV, 8), sealed)
}

/** AES-256 under a key that PBKDF2 derives. Answers the AlgorithmIdentifier and the sealed bytes. */
export async function encryptByPassphrase(
  bytes: Uint8Array,
  passphrase: string,
): Promise<{ algorithm: AsnType; sealed: Buffer }> {
  const [salt, iv] = [randomBytes(SALT_BYTES), randomBytes(IV_BYTES)]
  const key = await promisify(pbkdf2)(passphrase, salt, ROUNDS, KEY_BYTES, 'sha256')
  const cipher = createCipheriv('aes-256-cbc', key, iv)
  const derivation = sequence(octets(salt), integer(ROUNDS), sequence(identifier(HMAC_SHA256), nothing()))
  const algorithm = sequence(
    identifier(PBES2),
    sequence(sequence(identifier(PBKDF2), derivation), sequence(identifier(AES_256_CBC), octets(iv))),
  )
  return { algorithm, sealed: Buffer.concat([cipher.update(bytes), cipher.final()]) }
}

/** The code by which a PKCS #12 file shows that it was not changed. `digest`: the identifier of a hash. */
export function macByPassphrase(
  digest: string,
  bytes: Uint8Array,
  { passphrase, salt, rounds }: { passphrase: string; salt: Uint8Array; rounds: number },
): Buffer {
  const { name, bytes: length } = hashOf(digest)
  return createHmac(name, deriveKey(digest, passphrase, salt, rounds, FOR_MAC, length))
    .update(bytes)
    .digest()
}

async function decryptModern(parameters: AsnType | undefined, sealed: Uint8Array, passphrase: string): Promise<Buffer> {
  const [derivation, encryption] = partsOf(parameters)
  const [derivationId, derivationParameters] = partsOf(derivation)
  if (identifierOf(derivationId) !== PBKDF2)
    throw new StrangeBytes(`its key is derived by ${identifierOf(derivationId)}, which is not known here`)
  const [salt, rounds, ...more] = partsOf(derivationParameters)
  // The length of the key may stand before the function; the cipher tells it anyway.
  const pseudoRandom = more.find((part) => 'value' in part.valueBlock && Array.isArray(part.valueBlock.value))
  const digest = PSEUDO_RANDOM[pseudoRandom ? identifierOf(partsOf(pseudoRandom)[0]) : HMAC_SHA1]
  const [cipherId, iv] = partsOf(encryption)
  const cipher = CIPHERS[identifierOf(cipherId)]
  if (!digest || !cipher)
    throw new StrangeBytes(`it is encrypted by ${identifierOf(cipherId)}, which is not known here`)
  const key = await promisify(pbkdf2)(
    passphrase,
    octetsOf(salt),
    roundsWithin(numberOf(rounds)),
    cipher.keyBytes,
    digest,
  )
  return decipher(cipher.name, key, octetsOf(iv), sealed)
}

function decipher(name: string, key: Buffer, iv: Buffer, sealed: Uint8Array): Buffer {
  try {
    const opener = createDecipheriv(name, key, iv)
    return Buffer.concat([opener.update(sealed), opener.final()])
  } catch {
    throw new StrangeBytes('the passphrase does not open it')
  }
}

/** RFC 7292, appendix B.2. */
function deriveKey(
  digest: string,
  passphrase: string,
  salt: Uint8Array,
  rounds: number,
  purpose: number,
  length: number,
): Buffer {
  const { name, blockBytes, bytes } = hashOf(digest)
  const diversifier = Buffer.alloc(blockBytes, purpose)
  const input = Buffer.concat([filled(salt, blockBytes), filled(bigEndian(passphrase), blockBytes)])
  const derived: Buffer[] = []
  roundsWithin(rounds, OLD_ROUNDS_MAX)
  for (let made = 0; made < length; made += bytes) {
    let digested = Buffer.concat([diversifier, input])
    for (let round = 0; round < rounds; round++) digested = hash(name, digested, 'buffer') as Buffer<ArrayBuffer>
    derived.push(digested)
    const addend = filled(digested, blockBytes).subarray(0, blockBytes)
    for (let start = 0; start < input.length; start += blockBytes)
      addOne(input.subarray(start, start + blockBytes), addend)
  }
  return Buffer.concat(derived).subarray(0, length)
}

/** Repeats bytes up to whole blocks; nothing stays nothing. */
function filled(bytes: Uint8Array, blockBytes: number): Buffer {
  return Buffer.alloc(blockBytes * Math.ceil(bytes.length / blockBytes), bytes)
}

/** block = block + addend + 1, as numbers of so many bytes. */
function addOne(block: Buffer, addend: Uint8Array): void {
  let carry = 1
  for (let at = block.length - 1; at >= 0; at--) {
    carry += (block[at] ?? 0) + (addend[at] ?? 0)
    block[at] = carry & 0xff
    carry >>= 8
  }
}

/** UTF-16, the higher byte first, with two zeros at the end: how this format writes passphrases. */
function bigEndian(passphrase: string): Buffer {
  return Buffer.from(`${passphrase}\0`, 'utf16le').swap16()
}

function hashOf(digest: string): { name: string; blockBytes: number; bytes: number } {
  const found = HASHES[digest]
  if (!found) throw new StrangeBytes(`it is protected by ${digest}, which is not known here`)
  return found
}

function roundsWithin(rounds: number, roundsMax = ROUNDS_MAX): number {
  if (rounds < 1 || rounds > roundsMax) throw new StrangeBytes(`it wants ${rounds} rounds to derive a key`)
  return rounds
}
