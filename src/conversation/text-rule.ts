import type { RefusalCode } from '../base/refusals.ts'

// Lengths are in UTF-16 code units, as `String.length` counts.

/** Of message text, notes, comments and data of notices, where the settings do not say otherwise. */
export const TEXT_LENGTH_MAX = 16_384
/** Of names, reasons, subjects and addresses. */
export const LABEL_LENGTH_MAX = 2_000
/** Of keys, participant ids and client instances. */
export const NAME_LENGTH_MAX = 64

/**
 * Why a text cannot be taken. U+0000 makes PostgreSQL abort the statement and half a surrogate pair comes back
 * altered; all other Unicode round-trips.
 */
export function textFault(text: string, lengthMax: number): Extract<RefusalCode, 'bad-text' | 'too-large'> | undefined {
  if (text.length > lengthMax) return 'too-large'
  if (text.includes('\u0000') || !text.isWellFormed()) return 'bad-text'
  return undefined
}

/** Whether a text can serve as key, participant id or client instance. */
export function isName(text: string): boolean {
  return text.length > 0 && textFault(text, NAME_LENGTH_MAX) === undefined
}
