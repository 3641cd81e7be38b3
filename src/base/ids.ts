/** Names a conversation: 63 random bits as 13 characters. Opaque outside; the store keeps it as `bigint`. */
export type ConversationId = string
/** One run of one node's process. A restart is another incarnation. */
export type Incarnation = string
/** What the operator calls a server: unique in the cluster, stable over restarts. */
export type NodeName = string
/** Names a participant inside one conversation: the subject of its token. */
export type ParticipantId = string
/** Position of an event in its conversation: 1, 2, 3, ... with no gap. 0 is before the first. */
export type Seq = number
/** Rises by one with each change of owner of a conversation. */
export type Epoch = number

/** Who may append to a conversation: a node, and which run of it. */
export interface Owner {
  readonly node: NodeName
  readonly incarnation: Incarnation
}

// Crockford's base 32: no i, l, o, u, so that an id survives being read aloud.
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const ID = /^[0-7][0-9a-hjkmnp-tv-z]{12}$/

/** Whether `text` is the text form of 63 bits: 13 characters of base 32, the first one 0 to 7. */
export function isId(text: string): boolean {
  return ID.test(text)
}

/** The text form of a non-negative 63-bit integer. */
export function idFromBits(bits: bigint): string {
  let text = ''
  for (let shift = 60n; shift >= 0n; shift -= 5n) text += ALPHABET[Number((bits >> shift) & 31n)]
  return text
}

/** The 63-bit integer behind an id; the inverse of `idFromBits`. The caller has checked `isId`. */
export function bitsFromId(id: string): bigint {
  // In two halves that fit a number: a big integer made digit by digit costs ten times as much, for each append.
  return (BigInt(digitsOf(id, 0, 6)) << 35n) | BigInt(digitsOf(id, 6, 13))
}

function digitsOf(id: string, from: number, to: number): number {
  let value = 0
  for (let at = from; at < to; at++) value = value * 32 + ALPHABET.indexOf(id.charAt(at))
  return value
}
