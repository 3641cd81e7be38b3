import { randomBytes, scrypt } from 'node:crypto'
import { decrypt, encrypt } from './aes-gcm-node.ts'

// 32 MiB and some 60 ms per guess: a join token's secret is random, so this only slows down a weak one of a person's making.
const SCRYPT = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 } as const
const KEY_BYTES = 32
const SALT_BYTES = 16
const SALTS_REMEMBERED_MAX = 64

/**
 * Keeps keys in the shared database so that only who knows a secret (the cluster's, or a master key) can read them:
 * AES-256-GCM under a key that scrypt derives from it.
 */
export class SecretBox {
  readonly #secret: string
  /** One salt for all that this process seals: deriving a key is slow on purpose. */
  readonly #salt = randomBytes(SALT_BYTES)
  readonly #keys = new Map<string, Promise<Buffer>>()

  constructor(secret: string) {
    this.#secret = secret
  }

  /** `purpose` is sealed in: a text cannot be passed off as one of another purpose. */
  async seal(text: string, purpose: string): Promise<string> {
    const key = await this.#key(this.#salt)
    return Buffer.concat([this.#salt, encrypt(key, text, purpose)]).toString('base64')
  }

  /** The text; `undefined` where the secret or the purpose is another one, or the text was tampered with. */
  async open(sealed: string, purpose: string): Promise<string | undefined> {
    const bytes = Buffer.from(sealed, 'base64')
    if (bytes.length <= SALT_BYTES) return undefined
    const key = await this.#key(bytes.subarray(0, SALT_BYTES))
    return decrypt(key, bytes.subarray(SALT_BYTES), purpose)
  }

  #key(salt: Uint8Array): Promise<Buffer> {
    const name = Buffer.from(salt).toString('hex')
    const known = this.#keys.get(name)
    if (known) return known
    const key = new Promise<Buffer>((resolve, reject) => {
      scrypt(this.#secret, salt, KEY_BYTES, SCRYPT, (error, derived) => (error ? reject(error) : resolve(derived)))
    })
    const [oldest] = this.#keys.keys()
    if (oldest !== undefined && this.#keys.size >= SALTS_REMEMBERED_MAX) this.#keys.delete(oldest)
    this.#keys.set(name, key)
    return key
  }
}
