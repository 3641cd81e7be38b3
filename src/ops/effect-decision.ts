/** What became of one attempt to carry an item of the outbox out. */
export type EffectOutcome =
  | { readonly kind: 'done' }
  /** It did not work now; it may work later. */
  | { readonly kind: 'later'; readonly reason: string }
  /** It will never work: the address does not exist, the other side refuses for good. */
  | { readonly kind: 'never'; readonly reason: string }

/** What is to be written of the item. */
export type EffectVerdict =
  | { readonly kind: 'settle' }
  | { readonly kind: 'postpone'; readonly delayMs: number; readonly reason: string }
  | { readonly kind: 'bury'; readonly reason: string }

export interface RetryLimits {
  /** After the first failure; doubled with each further one. */
  readonly firstMs: number
  readonly delayMsMax: number
  readonly attemptsMax: number
}

/** A mail server that is away for a weekend loses nobody's mail: so many attempts are more than two days. */
export const RETRY_LIMITS: RetryLimits = { firstMs: 2000, delayMsMax: 3_600_000, attemptsMax: 120 }

/** After an attempt. `fraction`: a throw of the dice, so that what failed together does not come again together. */
export function afterAttempt(
  outcome: EffectOutcome,
  attempt: number,
  fraction: number,
  limits: RetryLimits,
): EffectVerdict {
  switch (outcome.kind) {
    case 'done':
      return { kind: 'settle' }
    case 'never':
      return { kind: 'bury', reason: outcome.reason }
    case 'later':
      if (attempt >= limits.attemptsMax)
        return { kind: 'bury', reason: `${attempt} attempts failed, the last one: ${outcome.reason}` }
      return { kind: 'postpone', delayMs: backOffMs(attempt, fraction, limits), reason: outcome.reason }
  }
}

/**
 * Before an attempt. Every taking counts, also one whose taker died of it: what kills each node that touches it becomes
 * a dead letter like any other failure.
 */
export function beforeAttempt(attempt: number, limits: RetryLimits): EffectVerdict | undefined {
  if (attempt <= limits.attemptsMax) return undefined
  return { kind: 'bury', reason: `It was taken ${attempt - 1} times, and nobody ever said what became of it.` }
}

/** Between half of the step and the whole of it. */
function backOffMs(attempt: number, fraction: number, { firstMs, delayMsMax }: RetryLimits): number {
  const step = Math.min(delayMsMax, firstMs * 2 ** (attempt - 1))
  return Math.round(step * (0.5 + fraction / 2))
}
