import type { ApiKeyRow } from '../../protocol/account-answers.ts'
import type { Scope } from '../../protocol/tokens.ts'

/** What a key with each scope may do, in a sentence for whoever gives it. */
export const SCOPE_MEANINGS: Readonly<Record<Scope, string>> = {
  conversations: 'Reads all conversations and takes part in them.',
  tokens: 'Opens conversations, and makes tokens for others: what a shop needs for its customers.',
  audit: 'Reads everything administrative, changes nothing.',
  admin: 'Changes everything, accounts and keys too.',
}

export type KeyState = 'good' | 'ended' | 'revoked'

export function stateOf({ revokedAt, endsAt }: ApiKeyRow, now: number): KeyState {
  if (revokedAt !== undefined) return 'revoked'
  return endsAt !== undefined && endsAt <= now ? 'ended' : 'good'
}

/** Those that open something first; each part as it came. */
export function inUseFirst(keys: readonly ApiKeyRow[], now: number): readonly ApiKeyRow[] {
  const isGood = (key: ApiKeyRow) => stateOf(key, now) === 'good'
  return [...keys.filter(isGood), ...keys.filter((key) => !isGood(key))]
}

/** How long a new key may be good, in days; `undefined`: until it is revoked. */
export const LIFETIMES = {
  month: { label: '30 days', days: 30 },
  quarter: { label: '90 days', days: 90 },
  year: { label: '1 year', days: 365 },
  never: { label: 'Never', days: undefined },
} as const satisfies Record<string, { readonly label: string; readonly days: number | undefined }>

export type Lifetime = keyof typeof LIFETIMES

export const LIFETIME_NAMES = Object.keys(LIFETIMES) as readonly Lifetime[]
