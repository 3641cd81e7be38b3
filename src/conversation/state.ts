import type { ParticipantId, Seq } from '../base/ids.ts'
import type { Sender } from './command.ts'
import { type CloseReason, type IdleLimits, type Mode, type Role, SYSTEM } from './event.ts'
import { NO_INSTANCES, type RecentInstances } from './recent-instances.ts'
import { NO_KEYS, type RecentKeys } from './recent-keys.ts'

/**
 *   absent --opened--> open --closed--> closed
 *
 * There is no way back: who returns after `closed` opens another conversation.
 */
export type Phase = 'absent' | 'open' | 'closed'

export interface Participant {
  readonly role: Role
  readonly name: string
  /** Where a visitor wants mail. */
  readonly email?: string
  /** Of the latest joining. */
  readonly joinedSeq: Seq
  /** Present once gone; joining again removes it. */
  readonly leftSeq?: Seq
}

/** How far idle control has come, and the event from which its next step is counted. */
export interface Idleness {
  /** Alerts given since the last activity. */
  readonly step: 0 | 1 | 2
  /** The last activity or alert. */
  readonly armedSeq: Seq
  readonly armedAt: number
}

/** What the log of a conversation amounts to. A value: every change makes another. */
export interface ConversationState {
  readonly phase: Phase
  readonly headSeq: Seq
  /** `at` of the last event; the next one is not before it. */
  readonly lastAt: number
  readonly mode: Mode
  readonly idle: IdleLimits
  readonly idleness: Idleness
  readonly subject?: string
  /** Everybody who ever joined, in order of first joining. */
  readonly participants: ReadonlyMap<ParticipantId, Participant>
  /** The agent whose conversation this is, while there is one. */
  readonly agent?: ParticipantId
  readonly ratedSeq?: Seq
  readonly closeReason?: CloseReason
  readonly keys: RecentKeys
  readonly instances: RecentInstances
}

/** Silence before each step where `open` does not say. */
export const IDLE_DEFAULTS: Readonly<Record<Mode, IdleLimits>> = {
  live: { alertMs: 255_000, secondAlertMs: 0, closeMs: 45_000 },
  async: { alertMs: 86_400_000, secondAlertMs: 0, closeMs: 3_600_000 },
}

/** Who sends timers and what an operator orders through Holdfast itself. */
export const SYSTEM_SENDER: Sender = { id: SYSTEM, role: 'supervisor', name: 'Holdfast' }

/** A conversation before its first event. */
export const emptyState: ConversationState = {
  phase: 'absent',
  headSeq: 0,
  lastAt: 0,
  mode: 'live',
  idle: { alertMs: 0, secondAlertMs: 0, closeMs: 0 },
  idleness: { step: 0, armedSeq: 0, armedAt: 0 },
  participants: new Map(),
  keys: NO_KEYS,
  instances: NO_INSTANCES,
}

/** Agents, supervisors and bots: they see hidden events. */
export function isStaff(role: Role): boolean {
  return role !== 'visitor'
}

/** The participant, if it is in the conversation now. */
export function presentParticipant(state: ConversationState, id: ParticipantId): Participant | undefined {
  const participant = state.participants.get(id)
  return participant?.leftSeq === undefined ? participant : undefined
}
