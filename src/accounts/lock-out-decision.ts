import type { Attempts } from '../store/account-store.ts'

/** How attempts under one key are slowed down. */
export interface LockOutSchedule {
  /** Attempts without any wait after them. */
  readonly free: number
  readonly firstWaitMs: number
  readonly waitMsMax: number
  /** After so long without an attempt all is forgotten. */
  readonly forgetAfterMs: number
}

export type AttemptDecision =
  /** It may be made; `next` is to be remembered before it is, so that many at once are counted, too. */
  { readonly kind: 'go'; readonly next: Attempts } | { readonly kind: 'wait'; readonly waitMs: number }

/**
 * Whether an attempt to sign in may be made now. Each one counts as failed until it has succeeded; the wait after it
 * doubles. What comes during a wait is not looked at and changes nothing, so that nobody is kept out for ever by others.
 */
export function decideAttempt(attempts: Attempts, schedule: LockOutSchedule, now: number): AttemptDecision {
  const { free, firstWaitMs, waitMsMax, forgetAfterMs } = schedule
  if (now < attempts.blockedUntil) return { kind: 'wait', waitMs: attempts.blockedUntil - now }
  const failures = (now - attempts.lastAt >= forgetAfterMs ? 0 : attempts.failures) + 1
  const waitMs = failures < free ? 0 : Math.min(firstWaitMs * 2 ** (failures - free), waitMsMax)
  return { kind: 'go', next: { failures, lastAt: now, blockedUntil: now + waitMs } }
}

/** What is left of an attempt that succeeded where earlier ones still count. */
export function withoutThis(attempts: Attempts, now: number): Attempts {
  return { failures: Math.max(0, attempts.failures - 1), lastAt: attempts.lastAt, blockedUntil: now }
}

/** Under one name: a person mistypes a few times; a guesser has four tries an hour in the end. */
export const NAME_SCHEDULE: LockOutSchedule = {
  free: 5,
  firstWaitMs: 1000,
  waitMsMax: 15 * 60_000,
  forgetAfterMs: 60 * 60_000,
}

/** From one address, which a whole office may share. */
export const ADDRESS_SCHEDULE: LockOutSchedule = {
  free: 30,
  firstWaitMs: 1000,
  waitMsMax: 15 * 60_000,
  forgetAfterMs: 60 * 60_000,
}

/** The part of an address that one person cannot change at will: all of IPv4, the first half of IPv6. */
export function addressKey(address: string): string {
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1]
  if (mapped !== undefined || !address.includes(':')) return mapped ?? address
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? []
  const groups = head === '' ? [] : head.split(':')
  const rest = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: tail === undefined ? 0 : Math.max(0, 8 - groups.length - rest.length) }, () => '0')
  return [...groups, ...zeros, ...rest]
    .slice(0, 4)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
    .join(':')
}
