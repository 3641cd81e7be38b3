/** All that a machine needs to join: where the shared database is, and the secret that opens the cluster's keys. */
export interface JoinToken {
  readonly kind: 'token'
  /** URL of the shared database. */
  readonly database: string
  readonly secret: string
}

export type DecodedJoinToken = JoinToken | { readonly kind: 'bad-token'; readonly reason: string }

const PREFIX = 'hf1.'
const SECRET_LENGTH_MIN = 16

/** `hf1.` and base64url of the JSON: one word that survives a shell and a mail. */
export function encodeJoinToken({ database, secret }: { database: string; secret: string }): string {
  const bytes = new TextEncoder().encode(JSON.stringify({ database, secret }))
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
  return PREFIX + base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** The inverse; whatever is wrong is said in a sentence for the person who pasted it. */
export function decodeJoinToken(text: string): DecodedJoinToken {
  const trimmed = text.trim()
  if (!trimmed.startsWith('hf')) return bad('A join token begins with "hf1."; this text does not.')
  if (!trimmed.startsWith(PREFIX)) return bad('The join token is of another version of Holdfast.')
  const fields = parse(trimmed.slice(PREFIX.length))
  if (!fields) return bad('The join token is damaged: part of it may be missing from what was pasted.')
  const { database, secret } = fields
  if (typeof database !== 'string' || !URL.canParse(database)) return bad('The join token names no database.')
  if (typeof secret !== 'string' || secret.length < SECRET_LENGTH_MIN) return bad('The join token holds no secret.')
  return { kind: 'token', database, secret }
}

function bad(reason: string): DecodedJoinToken {
  return { kind: 'bad-token', reason }
}

function parse(base64url: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const binary = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'))
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
