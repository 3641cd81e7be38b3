import { assert } from '../base/assertion.ts'
import type { ConversationEvent, EventType } from './event.ts'
import { withNumber } from './recent-instances.ts'
import { withKey } from './recent-keys.ts'
import { type ConversationState, emptyState } from './state.ts'

type EventOf<Type extends EventType> = Extract<ConversationEvent, { readonly type: Type }>
type Effect<Type extends EventType> = (state: ConversationState, event: EventOf<Type>) => ConversationState

/** What each type changes beyond its place in the log. */
const EFFECTS: { readonly [Type in EventType]: Effect<Type> } = {
  opened: (state, event) => ({
    ...active(state),
    phase: 'open',
    mode: event.body.mode,
    idle: event.body.idle,
    ...(event.body.subject !== undefined && { subject: event.body.subject }),
  }),
  joined,
  contact: (state, event) => {
    const participant = state.participants.get(event.from)
    if (!participant) return state
    const { email } = event.body
    return { ...state, participants: new Map(state.participants).set(event.from, { ...participant, email }) }
  },
  left,
  message: active,
  note: (state) => state,
  whisper: (state) => state,
  notice: active,
  transferred: (state, event) => ({ ...active(state), agent: event.body.to }),
  'idle-alert': (state, event) => ({
    ...state,
    idleness: { step: event.body.step, armedSeq: event.seq, armedAt: event.at },
  }),
  rated: (state, event) => ({ ...state, ratedSeq: event.seq }),
  closed: (state, event) => ({ ...state, phase: 'closed', closeReason: event.body.reason }),
}

/** The state after one more event, which must be the next one. An event of a newer version only takes its place. */
export function evolve(state: ConversationState, event: ConversationEvent): ConversationState {
  assert(event.seq === state.headSeq + 1, `event ${event.seq} does not follow ${state.headSeq}`)
  const placed = place(state, event)
  if (!Object.hasOwn(EFFECTS, event.type)) return placed
  // The table pairs each type with the effect for it; the compiler cannot follow that through a lookup.
  const effect = EFFECTS[event.type] as (state: ConversationState, event: ConversationEvent) => ConversationState
  return effect(placed, event)
}

/**
 * The state after `events`, from a snapshot or from nothing. Events that `from` already contains are passed over: the
 * tail that a claim gives may begin before its snapshot ends.
 */
export function fold(events: Iterable<ConversationEvent>, from: ConversationState = emptyState): ConversationState {
  let state = from
  for (const event of events) if (event.seq > from.headSeq) state = evolve(state, event)
  return state
}

function place(state: ConversationState, event: ConversationEvent): ConversationState {
  const { seq, at, from, key, digest, origin } = event
  return {
    ...state,
    headSeq: seq,
    lastAt: at,
    keys: key === undefined ? state.keys : withKey(state.keys, from, key, { seq, digest: digest ?? '' }),
    instances: origin === undefined ? state.instances : withNumber(state.instances, from, origin),
  }
}

/** Somebody did something that all can see: idle control begins anew. */
function active(state: ConversationState): ConversationState {
  return { ...state, idleness: { step: 0, armedSeq: state.headSeq, armedAt: state.lastAt } }
}

function joined(state: ConversationState, event: EventOf<'joined'>): ConversationState {
  const { role, name } = event.body
  const email = state.participants.get(event.from)?.email
  const participants = new Map(state.participants).set(event.from, {
    role,
    name,
    ...(email !== undefined && { email }),
    joinedSeq: event.seq,
  })
  const agent = state.agent ?? (role === 'agent' ? event.from : undefined)
  return { ...active(state), participants, ...(agent !== undefined && { agent }) }
}

function left(state: ConversationState, event: EventOf<'left'>): ConversationState {
  const participant = state.participants.get(event.from)
  if (!participant) return active(state)
  const participants = new Map(state.participants).set(event.from, { ...participant, leftSeq: event.seq })
  const { agent, ...others } = active(state)
  return { ...others, participants, ...(agent !== undefined && agent !== event.from && { agent }) }
}
