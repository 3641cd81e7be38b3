import type { EventRecord } from '../base/event-record.ts'
import type { Epoch, Seq } from '../base/ids.ts'
import { type Refusal, refuse } from '../base/refusals.ts'
import type { Submission } from '../conversation/command.ts'
import { type DecisionContext, decide } from '../conversation/decide.ts'
import type { ConversationEvent } from '../conversation/event.ts'
import { toRecord } from '../conversation/event-json.ts'
import { evolve } from '../conversation/evolve.ts'
import type { ConversationState } from '../conversation/state.ts'
import { headPatch } from '../conversation/summary.ts'
import { nextTimer } from '../conversation/timers.ts'
import type { Acknowledged } from '../protocol/conversation-port.ts'

/** What one submission of a slice is told once the slice is durable. */
export type Verdict = (Acknowledged & { readonly duplicate: boolean }) | Refusal

export interface FormedSlice {
  readonly records: readonly EventRecord[]
  readonly events: readonly ConversationEvent[]
  /** One for each submission that was decided, in order. */
  readonly verdicts: readonly Verdict[]
  /** Why some of them were refused `command-fault`. */
  readonly faults: readonly CommandFault[]
  /** The state once the records are durable. */
  readonly state: ConversationState
  /** The next submission cannot be decided before the store was asked for its key. */
  readonly lookUp: boolean
}

/** A submission at which the program failed: a bug of ours, which must cost nobody else anything. */
export interface CommandFault {
  readonly submission: Submission
  readonly error: unknown
}

/** What one submission comes to. */
type Step = Pick<FormedSlice, 'records' | 'events' | 'state'> & { readonly verdict: Verdict }

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
  const faults: CommandFault[] = []
  let next = state
  for (const submission of submissions) {
    const context = place.context(submission)
    const step = stepOrFault(next, submission, { epoch: place.epoch, context })
    if (step === 'look-up-key') return { records, events, verdicts, faults, state: next, lookUp: true }
    if ('error' in step) faults.push({ submission, error: step.error })
    else {
      records.push(...step.records)
      events.push(...step.events)
      next = step.state
    }
    verdicts.push(step.verdict)
  }
  return { records, events, verdicts, faults, state: next, lookUp: false }
}

/**
 * A fault says nothing about the key, which an earlier attempt may have brought into the log: the store is asked
 * first, so that the refusal is definite (LO2).
 */
function stepOrFault(
  state: ConversationState,
  submission: Submission,
  place: Place,
): Step | 'look-up-key' | { readonly error: unknown; readonly verdict: Verdict } {
  try {
    return stepOf(state, submission, place)
  } catch (error) {
    const { lookedUp } = place.context
    if (lookedUp === undefined) return 'look-up-key'
    return { error, verdict: lookedUp ? duplicateOf(lookedUp.seq) : refuse('command-fault') }
  }
}

interface Place {
  readonly epoch: Epoch
  readonly context: DecisionContext
}

function stepOf(state: ConversationState, submission: Submission, { epoch, context }: Place): Step | 'look-up-key' {
  const decision = decide(state, submission, context)
  if (decision.kind === 'look-up-key') return decision.kind
  if (decision.kind === 'refused') return { records: [], events: [], state, verdict: decision }
  if (decision.kind === 'duplicate') return { records: [], events: [], state, verdict: duplicateOf(decision.seq) }
  const at = Math.max(state.lastAt, context.at)
  const records: EventRecord[] = []
  const events: ConversationEvent[] = []
  let next = state
  for (const made of decision.events) {
    const event: ConversationEvent = { ...made, seq: next.headSeq + 1, at }
    records.push(toRecord(made, { seq: event.seq, epoch, at }))
    events.push(event)
    next = evolve(next, event)
  }
  // What the owner asks of every state is asked here first, where a fault costs one command and not the conversation.
  headPatch(state, next)
  nextTimer(next)
  // The first event of a command carries its key; that is the one to acknowledge.
  return { records, events, state: next, verdict: { kind: 'ack', seq: state.headSeq + 1, duplicate: false } }
}

function duplicateOf(seq: Seq): Verdict {
  return { kind: 'ack', seq, duplicate: true }
}
