import type { EventRecord } from '../base/event-record.ts'
import type { Seq } from '../base/ids.ts'
import type { Refusal } from '../base/refusals.ts'
import type { Sender, Submission } from './command.ts'
import { decide } from './decide.ts'
import type { ConversationEvent } from './event.ts'
import { fromRecord, toRecord } from './event-json.ts'
import { evolve } from './evolve.ts'
import { type ConversationState, emptyState } from './state.ts'
import { TEXT_LENGTH_MAX } from './text-rule.ts'

export type RehearsalReply =
  | { readonly kind: 'accepted'; readonly seq: Seq; readonly reason: string; readonly events: ConversationEvent[] }
  | { readonly kind: 'duplicate'; readonly seq: Seq }
  | Refusal

/** A conversation without node or store: what tests play their stories on. Its log never loses anything. */
export interface Rehearsal {
  readonly state: ConversationState
  readonly records: readonly EventRecord[]
  readonly events: readonly ConversationEvent[]
  /** How often the log had to be asked for a key. */
  readonly lookUps: number
  submit(submission: Submission, at?: number): RehearsalReply
}

export function rehearse(): Rehearsal {
  const records: EventRecord[] = []
  const events: ConversationEvent[] = []
  let state = emptyState
  let lookUps = 0

  function findUse(sender: Sender, key: string) {
    const record = records.find((candidate) => candidate.sender === sender.id && candidate.key === key)
    return record ? { seq: record.seq, digest: record.digest ?? '' } : null
  }

  function submit(submission: Submission, at = state.lastAt): RehearsalReply {
    const context = { at: Math.max(at, state.lastAt), textLengthMax: TEXT_LENGTH_MAX }
    let decision = decide(state, submission, context)
    if (decision.kind === 'look-up-key') {
      lookUps++
      decision = decide(state, submission, { ...context, lookedUp: findUse(submission.sender, submission.key) })
    }
    if (decision.kind === 'look-up-key') throw new Error('asked for the same key twice')
    if (decision.kind !== 'accepted') return decision
    const seq = state.headSeq + 1
    const made = decision.events.map((event) => {
      const record = toRecord(event, { seq: state.headSeq + 1, epoch: 1, at: context.at })
      const placed = fromRecord(record)
      records.push(record)
      events.push(placed)
      state = evolve(state, placed)
      return placed
    })
    return { kind: 'accepted', seq, reason: decision.reason, events: made }
  }

  return {
    get state() {
      return state
    },
    get lookUps() {
      return lookUps
    },
    records,
    events,
    submit,
  }
}

/** The people of all stories. */
export const CAST = {
  ann: { id: 'ann', role: 'visitor', name: 'Ann' },
  eve: { id: 'eve', role: 'visitor', name: 'Eve' },
  bob: { id: 'bob', role: 'agent', name: 'Bob' },
  carol: { id: 'carol', role: 'agent', name: 'Carol' },
  sue: { id: 'sue', role: 'supervisor', name: 'Sue' },
  robo: { id: 'robo', role: 'bot', name: 'Robo' },
} as const satisfies Record<string, Sender>
