import type { Audience } from '../base/event-record.ts'
import type { ParticipantId, Seq } from '../base/ids.ts'

/** What somebody is in a conversation. Agents, supervisors and bots are staff: they see hidden events. */
export type Role = 'visitor' | 'agent' | 'supervisor' | 'bot'

export const ROLES = ['visitor', 'agent', 'supervisor', 'bot'] as const satisfies readonly Role[]

/** `live`: idle control alerts and closes within minutes. `async`: the conversation sleeps for days and wakes. */
export type Mode = 'live' | 'async'

/** Milliseconds of silence before each step of idle control; 0 turns a step off. Fixed when the conversation opens. */
export interface IdleLimits {
  readonly alertMs: number
  readonly secondAlertMs: number
  readonly closeMs: number
}

export type CloseReason = 'by-visitor' | 'by-agent' | 'idle' | 'by-operator' | 'store-failure'

export type TextFormat = 'text' | 'markdown'

/** The body of each event type. Types are added here; what an older version cannot read waits for the format version. */
export interface EventBodies {
  opened: { readonly mode: Mode; readonly idle: IdleLimits; readonly subject?: string }
  joined: { readonly role: Role; readonly name: string }
  /** Staff only, though a visitor causes it: other visitors must not see the address. Since format 2. */
  contact: { readonly email: string }
  left: { readonly reason?: string }
  message: { readonly format: TextFormat; readonly text: string }
  /** Staff only. */
  note: { readonly text: string }
  /** Staff only: from a supervisor to one agent. */
  whisper: { readonly to: ParticipantId; readonly text: string }
  notice: { readonly notice: string; readonly url?: string; readonly data?: string }
  transferred: { readonly from: ParticipantId; readonly to: ParticipantId; readonly name: string }
  'idle-alert': { readonly step: 1 | 2 }
  rated: { readonly score: number; readonly comment?: string }
  closed: { readonly reason: CloseReason }
}

export type EventType = keyof EventBodies

/** Place of a command among those of one client instance: dense from 1, so that a late retry cannot land behind a later one. */
export interface Origin {
  readonly instance: string
  readonly n: number
}

/** The participant that stands for Holdfast itself: timers, operators. */
export const SYSTEM: ParticipantId = 'system'

interface EventOf<Type extends EventType> {
  readonly type: Type
  readonly from: ParticipantId
  readonly audience: Audience
  readonly key?: string
  /** Digest of the command that made it, beside `key`. */
  readonly digest?: string
  readonly origin?: Origin
  readonly body: EventBodies[Type]
}

/** An event as a decision makes it, before it has its place in the log. */
export type NewEvent = { [Type in EventType]: EventOf<Type> }[EventType]

/** An event of the log. */
export type ConversationEvent = NewEvent & { readonly seq: Seq; readonly at: number }
