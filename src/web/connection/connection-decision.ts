import { reactionTo } from '../../protocol/close-codes.ts'

/**
 * What a person sees of a connection.
 *
 *   connecting --welcome--> online --lost--> resuming --welcome--> online
 *        |                                      |
 *        +--third failure--> offline <----------+      offline --welcome--> online
 *
 *   any --a close code that says stop, or close()--> stopped
 */
export type ConnectionState = 'connecting' | 'online' | 'resuming' | 'offline' | 'stopped'

export interface ConnectionPlan {
  readonly state: ConnectionState
  /** Attempts that failed since the last welcome. */
  readonly failures: number
  /** Lines in a row that were lost soon after their welcome: a node that greets and closes is no better than none. */
  readonly shortLines: number
}

export type ConnectionEvent =
  | { readonly kind: 'welcome' }
  /**
   * Nothing serves now. `servedMs`: since its welcome; absent when there was none. `retryAfterMs`: the server said so
   * before.
   */
  | { readonly kind: 'lost'; readonly code: number; readonly servedMs?: number; readonly retryAfterMs?: number }
  /** The line that served closed while its successor is on the way. */
  | { readonly kind: 'overtaken' }
  /** A successor could not be had; the present line serves on. */
  | { readonly kind: 'move-failed'; readonly code: number; readonly retryAfterMs?: number }
  | { readonly kind: 'stop' }

interface ConnectionStep {
  readonly plan: ConnectionPlan
  /** Milliseconds until the next attempt; absent: none is due. */
  readonly connectInMs?: number
  /** The token at hand is no good: a fresh one is needed before the next attempt. */
  readonly tokenRefused?: true
}

export const FIRST_PLAN: ConnectionPlan = { state: 'connecting', failures: 0, shortLines: 0 }

const FIRST_OPEN_MS_MAX = 1500
const OPEN_MS_MAX = 10_000
const FIRST_RETRY_MS_MAX = 250
const RETRY_MS_MAX = 5000
const RETRY_AFTER_MS_MAX = 60_000
const OFFLINE_FROM_FAILURES = 3
// A node that greets and closes at once is backed off; a line that served this long was a good one, whatever ended it.
const SHORT_LINE_MS = 1000

const AFTER_LOSS: Readonly<Record<ConnectionState, { few: ConnectionState; many: ConnectionState }>> = {
  connecting: { few: 'connecting', many: 'offline' },
  online: { few: 'resuming', many: 'offline' },
  resuming: { few: 'resuming', many: 'offline' },
  offline: { few: 'offline', many: 'offline' },
  stopped: { few: 'stopped', many: 'stopped' },
}

/** The next step. `fraction` in [0, 1) spreads the attempts of many clients over the whole wait (full jitter). */
export function nextStep(plan: ConnectionPlan, event: ConnectionEvent, fraction: number): ConnectionStep {
  if (plan.state === 'stopped') return { plan }
  switch (event.kind) {
    case 'welcome':
      return { plan: { ...plan, state: 'online', failures: 0 } }
    case 'stop':
      return { plan: { ...plan, state: 'stopped' } }
    case 'overtaken':
      return { plan: { ...plan, state: AFTER_LOSS[plan.state].few } }
    case 'move-failed':
      return retry({ ...plan, failures: plan.failures + 1 }, event, fraction)
    case 'lost': {
      if (reactionTo(event.code) === 'stop') return { plan: { ...plan, state: 'stopped' } }
      const counted = afterLoss(plan, event.servedMs)
      const after = AFTER_LOSS[plan.state]
      const state = counted.failures >= OFFLINE_FROM_FAILURES ? after.many : after.few
      return retry({ ...counted, state }, event, fraction)
    }
  }
}

function afterLoss(plan: ConnectionPlan, servedMs: number | undefined): ConnectionPlan {
  if (servedMs === undefined) return { ...plan, failures: plan.failures + 1 }
  if (servedMs >= SHORT_LINE_MS) return { ...plan, failures: 1, shortLines: 0 }
  return { ...plan, failures: plan.shortLines + 1, shortLines: plan.shortLines + 1 }
}

/**
 * How long an attempt may take until it is welcome. Short at first: an edge that is just starting takes connections
 * before it answers, and another one is well. A slow network gets more time with each failure.
 */
export function openPatienceMs({ failures }: ConnectionPlan): number {
  return Math.min(FIRST_OPEN_MS_MAX * 2 ** failures, OPEN_MS_MAX)
}

function retry(
  plan: ConnectionPlan,
  { code, retryAfterMs = 0 }: { readonly code: number; readonly retryAfterMs?: number },
  fraction: number,
): ConnectionStep {
  const ceilingMs = Math.min(FIRST_RETRY_MS_MAX * 2 ** (plan.failures - 1), RETRY_MS_MAX)
  const atLeastMs = Math.min(Math.max(retryAfterMs, 0), RETRY_AFTER_MS_MAX)
  const connectInMs = atLeastMs + fraction * ceilingMs
  const tokenRefused = reactionTo(code) === 'refresh the token, then reconnect'
  return { plan, connectInMs, ...(tokenRefused && { tokenRefused }) }
}
