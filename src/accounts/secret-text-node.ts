import { createHash, randomBytes } from 'node:crypto'

/** Texts that open something: made here, given out once, known afterwards by their hash alone. */
export interface SecretTexts {
  make(prefix: string): { readonly text: string; readonly hash: string }
  hashOf(text: string): string
}

/**
 * 256 random bits each. A plain hash is enough for what nobody can guess; slow ones are for passwords.
 */
export const secretTexts: SecretTexts = {
  make(prefix) {
    const text = `${prefix}${randomBytes(32).toString('base64url')}`
    return { text, hash: hashOf(text) }
  },
  hashOf,
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
