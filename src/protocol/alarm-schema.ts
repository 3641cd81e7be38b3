import { type Static, Type } from 'typebox'

/** What the REST entrances of alarms take. */
const id = Type.String({ pattern: '^[a-z0-9-]{1,64}$' })
// Of another version's, too.
const code = Type.String({ pattern: '^[a-z][a-z0-9-]{0,63}$' })
const reason = Type.String({ minLength: 1, maxLength: 500 })

export const AlarmParams = Type.Object({ episode: id })
export type AlarmParams = Static<typeof AlarmParams>

export const SilenceParams = Type.Object({ silence: id })
export type SilenceParams = Static<typeof SilenceParams>

/** `POST /api/alarms/:episode/acknowledge` */
export const AcknowledgeBody = Type.Object({ note: Type.Optional(Type.String({ maxLength: 500 })) })
export type AcknowledgeBody = Static<typeof AcknowledgeBody>

/** `POST /api/alarms/:episode/close` */
export const CloseAlarmBody = Type.Object({ reason })
export type CloseAlarmBody = Static<typeof CloseAlarmBody>

/** `POST /api/alarms/silences`: of a code, a subject, both, or everything. */
export const SilenceBody = Type.Object({
  /** The same silence sent again is the same one. */
  key: id,
  code: Type.Optional(code),
  subject: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  /** A silence has an end: a month at most. */
  forMs: Type.Integer({ minimum: 60_000, maximum: 2_678_400_000 }),
  reason,
})
export type SilenceBody = Static<typeof SilenceBody>
