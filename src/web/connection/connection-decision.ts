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
  /** The token was refused: a fresh one is needed before the next attempt. */
  readonly freshToken: boolean
}

export type ConnectionEvent =
  | { readonly kind: 'welcome' }
  /** The socket closed, or could not be opened. `retryAfterMs`: the server said so before. */
  | { readonly kind: 'lost'; readonly code: number; readonly retryAfterMs?: number }
  /** No token could be had. */
  | { readonly kind: 'no-token' }
  | { readonly kind: 'stop' }

export interface ConnectionStep {
  readonly plan: ConnectionPlan
  /** Milliseconds until the next attempt. */
  readonly connectInMs?: number
}

export const FIRST_PLAN: ConnectionPlan = { state: 'connecting', failures: 0, freshToken: false }

const FIRST_RETRY_MS_MAX = 250
const RETRY_MS_MAX = 5000
const OFFLINE_AFTER_FAILURES = 3

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
      return { plan: { state: 'online', failures: 0, freshToken: false } }
    case 'stop':
      return { plan: { ...plan, state: 'stopped' } }
    case 'no-token':
      return retry({ ...plan, freshToken: true }, fraction, 0)
    case 'lost': {
      const reaction = reactionTo(event.code)
      if (reaction === 'stop') return { plan: { ...plan, state: 'stopped' } }
      const freshToken = plan.freshToken || reaction === 'refresh the token, then reconnect'
      return retry({ ...plan, freshToken }, fraction, event.retryAfterMs ?? 0)
    }
  }
}

function retry(plan: ConnectionPlan, fraction: number, atLeastMs: number): ConnectionStep {
  const failures = plan.failures + 1
  const after = AFTER_LOSS[plan.state]
  const state = failures > OFFLINE_AFTER_FAILURES ? after.many : after.few
  const ceilingMs = Math.min(FIRST_RETRY_MS_MAX * 2 ** plan.failures, RETRY_MS_MAX)
  return { plan: { ...plan, state, failures }, connectInMs: atLeastMs + fraction * ceilingMs }
}
