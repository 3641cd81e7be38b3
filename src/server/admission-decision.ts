import { type Refusal, refuse } from '../base/refusals.ts'

export interface AdmissionLimits {
  /** Conversations that one node may own before it refuses new ones; running ones always go on. */
  readonly conversationsMax: number
  /** New ones are taken again below this share of the limit, in percent, so that the answer does not flutter. */
  readonly resumeAtPercent: number
}

interface AdmissionState {
  readonly owned: number
  /** What the last verdict said. */
  readonly admitting: boolean
  /** Whether this node's role opens conversations at all. */
  readonly opens: boolean
  readonly mode: 'enabled' | 'disabled' | 'draining'
}

/** Whether a new conversation may begin here (GE11, GE13). */
export function admit(
  state: AdmissionState,
  limits: AdmissionLimits,
): { readonly admitting: boolean; readonly refusal?: Refusal } {
  const threshold = state.admitting ? limits.conversationsMax : (limits.conversationsMax * limits.resumeAtPercent) / 100
  const admitting = state.owned < threshold
  if (!state.opens || state.mode !== 'enabled')
    return { admitting, refusal: refuse('draining', { retryAfterMs: 1000 }) }
  return admitting ? { admitting } : { admitting, refusal: refuse('at-capacity', { retryAfterMs: 5000 }) }
}
