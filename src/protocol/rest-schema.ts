import { type Static, Type } from 'typebox'
import { SCOPES } from './tokens.ts'

/**
 * What each REST entrance takes. Types are exact (an object where a text belongs is refused); unknown fields are
 * ignored, as in frames. Lengths of message texts are judged by the owner, which knows the setting.
 */
const id = Type.String({ pattern: '^[0-7][0-9a-hjkmnp-tv-z]{12}$' })
const name = Type.String({ minLength: 1, maxLength: 64 })
const label = Type.String({ minLength: 1, maxLength: 200 })
// One plain address: what goes into a mail's header and envelope is never a list, a group or a line of its own.
const email = Type.String({
  maxLength: 254,
  pattern: "^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$",
})
const key = Type.String({ minLength: 1, maxLength: 64 })
const nodeName = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$' })
const token = Type.String({ minLength: 1, maxLength: 4096 })
export const ScopeSchema = Type.Union([
  Type.Literal('conversations'),
  Type.Literal('tokens'),
  Type.Literal('audit'),
  Type.Literal('admin'),
])
// Query values are text; the pattern makes them whole numbers.
const wholeNumber = Type.String({ pattern: '^[0-9]{1,15}$' })
const lifetimeMs = Type.Integer({ minimum: 60_000, maximum: 2_592_000_000 })

export const ConversationParams = Type.Object({ id })
export type ConversationParams = Static<typeof ConversationParams>

export const NodeParams = Type.Object({ name: nodeName })
export type NodeParams = Static<typeof NodeParams>

export const OpenRequest = Type.Object({
  /** A retry with the same key opens nothing new. */
  key: Type.Optional(key),
  /** The visitor's name. */
  name: Type.Optional(label),
  subject: Type.Optional(label),
  mode: Type.Optional(Type.Union([Type.Literal('live'), Type.Literal('async')])),
  /** Where the visitor wants the transcript; shown to staff alone. */
  email: Type.Optional(email),
})
export type OpenRequest = Static<typeof OpenRequest>

export const MessageRequest = Type.Object({
  key,
  text: Type.String(),
  format: Type.Optional(Type.Union([Type.Literal('text'), Type.Literal('markdown')])),
})
export type MessageRequest = Static<typeof MessageRequest>

export const CloseRequest = Type.Object({ key: Type.Optional(key) })
export type CloseRequest = Static<typeof CloseRequest>

export const EventsQuery = Type.Object({ after: Type.Optional(wholeNumber), limit: Type.Optional(wholeNumber) })
export type EventsQuery = Static<typeof EventsQuery>

export const ListQuery = Type.Object({
  status: Type.Optional(Type.Union([Type.Literal('open'), Type.Literal('closed'), Type.Literal('all')])),
  limit: Type.Optional(wholeNumber),
  /** Milliseconds since 1970: only what changed before. */
  before: Type.Optional(wholeNumber),
})
export type ListQuery = Static<typeof ListQuery>

/** A visitor's token: for a new conversation, or for one that the caller names (scope `tokens`). */
export const VisitorTokenBody = Type.Object({
  kind: Type.Optional(Type.Literal('visitor')),
  name: Type.Optional(label),
  /** A token that the visitor had, perhaps expired: a fresh one for the same conversation. */
  token: Type.Optional(token),
  conversation: Type.Optional(id),
  subject: Type.Optional(name),
  /** What a new conversation is about. */
  topic: Type.Optional(label),
  /** Where the visitor wants mail; of callers with scope `tokens` alone, or anybody could have mail sent to anybody. */
  email: Type.Optional(email),
})
export type VisitorTokenBody = Static<typeof VisitorTokenBody>

/** A token for staff; the caller gives no scope that it does not have itself, unless it is an administrator. */
export const StaffTokenBody = Type.Object({
  kind: Type.Literal('staff'),
  name: label,
  subject: Type.Optional(name),
  role: Type.Optional(Type.Union([Type.Literal('agent'), Type.Literal('supervisor'), Type.Literal('bot')])),
  scopes: Type.Optional(Type.Array(ScopeSchema, { maxItems: SCOPES.length, uniqueItems: true })),
  lifetimeMs: Type.Optional(lifetimeMs),
})
export type StaffTokenBody = Static<typeof StaffTokenBody>

export const TokenBody = Type.Union([StaffTokenBody, VisitorTokenBody])
export type TokenBody = Static<typeof TokenBody>

export const RefreshBody = Type.Object({ token })
export type RefreshBody = Static<typeof RefreshBody>

export const LimitQuery = Type.Object({ limit: Type.Optional(wholeNumber), after: Type.Optional(wholeNumber) })
export type LimitQuery = Static<typeof LimitQuery>

export const NodeActParams = Type.Object({
  name: nodeName,
  act: Type.Union([
    Type.Literal('drain'),
    Type.Literal('disable'),
    Type.Literal('enable'),
    Type.Literal('kill'),
    Type.Literal('pause'),
    Type.Literal('restart'),
  ]),
})
export type NodeActParams = Static<typeof NodeActParams>

export const NodeActBody = Type.Object({
  /** With `pause`. */
  seconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 60 })),
  /** With `drain`: wait for the conversations to end instead of moving them. */
  finish: Type.Optional(Type.Boolean()),
  /** With `drain`. */
  deadlineMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400_000 })),
})
export type NodeActBody = Static<typeof NodeActBody>

export const MoveBody = Type.Object({ conversation: id, to: nodeName })
export type MoveBody = Static<typeof MoveBody>
