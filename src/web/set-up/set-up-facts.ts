import type { SetUpAnswer, SetUpState, SetUpStepRow } from '../../protocol/set-up-answers.ts'
import { SET_UP_STEPS, type SetUpStepId } from '../../protocol/set-up-steps.ts'

/** The word for a state, beside its mark. */
export const STATE_WORDS: Readonly<Record<SetUpState, string>> = {
  done: 'Done',
  open: 'Open',
  failed: 'Not right yet',
  skipped: 'Left out',
}

/** The secret of a set-up link, which stands behind the hash of its address. */
export function linkIn(address: URL): string | undefined {
  return new URLSearchParams(address.hash.slice(1)).get('link') ?? undefined
}

/** Where to go on: the first step that wants something, else the last one, which tells how to go on. */
export function stepToTake(steps: readonly SetUpStepRow[]): SetUpStepId {
  return steps.find(isWaiting)?.id ?? 'join'
}

/** The next step after one that wants something; else the one behind it; `undefined` after the last one. */
export function stepAfter(id: SetUpStepId, steps: readonly SetUpStepRow[]): SetUpStepId | undefined {
  const place = SET_UP_STEPS.findIndex((step) => step.id === id)
  const later = SET_UP_STEPS.slice(place + 1)
  const waiting = later.find((step) => steps.some((row) => row.id === step.id && isWaiting(row)))
  return (waiting ?? later[0])?.id
}

/** "4 of 6 steps decided" */
export function progressText({ steps, complete }: Pick<SetUpAnswer, 'steps' | 'complete'>): string {
  if (complete) return 'Everything is decided'
  return `${steps.filter((step) => !isWaiting(step)).length} of ${steps.length} steps decided`
}

/** The address that people most probably shall use: the one by which this page was opened. */
export function likelyAddress(present: string, origin: string): string {
  return present === '' ? origin : present
}

/** How the files of a certificate travel: PEM as text, a PFX file as base64. */
export type CertificateFile = { readonly pem: string } | { readonly pfx: string }

/** Reads what somebody chose: one PFX file, or PEM files in any order. */
export function certificateFileOf(files: readonly { name: string; bytes: Uint8Array }[]): CertificateFile {
  const pfx = files.find(({ name }) => /\.(?:pfx|p12)$/i.test(name))
  if (pfx) return { pfx: base64Of(pfx.bytes) }
  return { pem: files.map(({ bytes }) => new TextDecoder().decode(bytes)).join('\n') }
}

function base64Of(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}

function isWaiting({ state }: SetUpStepRow): boolean {
  return state === 'open' || state === 'failed'
}
