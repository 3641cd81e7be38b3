import type { Seq } from '../base/ids.ts'
import type { Submission, TimerKind } from './command.ts'
import { type ConversationState, SYSTEM_SENDER } from './state.ts'

/** A timer that a conversation waits for. */
export interface ArmedTimer {
  readonly kind: TimerKind
  /** The event it is counted from. Another event arms another timer, and this one has no effect any more. */
  readonly armedSeq: Seq
  /** Milliseconds since 1970 by the store's clock. */
  readonly dueAt: number
}

/**
 * Idle control: silence, alert, silence, second alert, silence, close. Each limit counts from the step before; 0
 * leaves its step out, and the next one then counts from where that one would have.
 */
export function nextTimer(state: ConversationState): ArmedTimer | undefined {
  if (state.phase !== 'open') return undefined
  const { step, armedSeq, armedAt } = state.idleness
  const { alertMs, secondAlertMs, closeMs } = state.idle
  const steps: readonly (readonly [kind: TimerKind, afterMs: number])[] = [
    ['idle-alert', alertMs],
    ['idle-second-alert', secondAlertMs],
    ['idle-close', closeMs],
  ]
  for (const [kind, afterMs] of steps.slice(step)) if (afterMs > 0) return { kind, armedSeq, dueAt: armedAt + afterMs }
  return undefined
}

/**
 * What the driver submits when a timer is due. Its key is the same whoever fires it and however often, so that its
 * effect happens once (OW5). Arm anew by `nextTimer` after every answer, refusals included.
 */
export function timerSubmission(timer: ArmedTimer): Submission {
  return {
    sender: SYSTEM_SENDER,
    key: `timer:${timer.kind}:${timer.armedSeq}`,
    command: { type: 'timer', kind: timer.kind, armedSeq: timer.armedSeq },
  }
}

const QUIET_BEFORE_SLEEP_MS = 60_000
const SLEEP_MIN_MS = 30_000

/**
 * Whether the owner may release a conversation that nobody is attached to: it has been quiet, and its next timer is
 * far enough away to be worth waking up for again. The time to wake is `nextTimer(state)?.dueAt`.
 */
export function sleepAllowed(state: ConversationState, now: number): boolean {
  if (state.phase !== 'open') return true
  const dueAt = nextTimer(state)?.dueAt ?? Number.POSITIVE_INFINITY
  return now - state.lastAt >= QUIET_BEFORE_SLEEP_MS && dueAt - now >= SLEEP_MIN_MS
}
