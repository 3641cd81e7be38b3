import type { EventRecord } from '../base/event-record.ts'
import type { Epoch } from '../base/ids.ts'
import type { Refusal } from '../base/refusals.ts'
import type { Submission } from '../conversation/command.ts'
import { type DecisionContext, decide } from '../conversation/decide.ts'
import type { ConversationEvent } from '../conversation/event.ts'
import { toRecord } from '../conversation/event-json.ts'
import { evolve } from '../conversation/evolve.ts'
import type { ConversationState } from '../conversation/state.ts'
import type { Acknowledged } from '../protocol/conversation-port.ts'

/** What one submission of a slice is told once the slice is durable. */
export type Verdict = (Acknowledged & { readonly duplicate: boolean }) | Refusal

export interface FormedSlice {
  readonly records: readonly EventRecord[]
  readonly events: readonly ConversationEvent[]
  /** One for each submission that was decided, in order. */
  readonly verdicts: readonly Verdict[]
  /** The state once the records are durable. */
  readonly state: ConversationState
  /** The next submission cannot be decided before the store was asked for its key. */
  readonly lookUp: boolean
}

/**
 * Decides submissions one after the other on durable state, each on what the ones before it in the same slice made
 * of it: the slice is stored as a whole or not at all. Stops before a submission whose key must be looked up.
 */
export function formSlice(
  state: ConversationState,
  submissions: readonly Submission[],
  place: { readonly epoch: Epoch; readonly context: (submission: Submission) => DecisionContext },
): FormedSlice {
  const records: EventRecord[] = []
  const events: ConversationEvent[] = []
  const verdicts: Verdict[] = []
  let next = state
  for (const submission of submissions) {
    const context = place.context(submission)
    const decision = decide(next, submission, context)
    if (decision.kind === 'look-up-key') return { records, events, verdicts, state: next, lookUp: true }
    if (decision.kind === 'refused') verdicts.push(decision)
    else if (decision.kind === 'duplicate') verdicts.push({ kind: 'ack', seq: decision.seq, duplicate: true })
    else {
      const at = Math.max(next.lastAt, context.at)
      // The first event of a command carries its key; that is the one to acknowledge.
      const seq = next.headSeq + 1
      for (const made of decision.events) {
        const event: ConversationEvent = { ...made, seq: next.headSeq + 1, at }
        records.push(toRecord(made, { seq: event.seq, epoch: place.epoch, at }))
        events.push(event)
        next = evolve(next, event)
      }
      verdicts.push({ kind: 'ack', seq, duplicate: false })
    }
  }
  return { records, events, verdicts, state: next, lookUp: false }
}
