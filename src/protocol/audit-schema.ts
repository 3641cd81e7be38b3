import { type Static, Type } from 'typebox'

// Query values are text; the pattern makes them whole numbers.
const wholeNumber = Type.String({ pattern: '^[0-9]{1,15}$' })
const part = Type.String({ minLength: 1, maxLength: 200 })

/** `GET /api/audit`: forward behind `after`; else backward from `before` or the end, what fits the other words. */
export const AuditQuery = Type.Object({
  limit: Type.Optional(wholeNumber),
  after: Type.Optional(wholeNumber),
  before: Type.Optional(wholeNumber),
  /** A part of the name or the subject of whoever acted. */
  who: Type.Optional(part),
  /** A part of the act or of what it was done to. */
  what: Type.Optional(part),
  /** Milliseconds since 1970: nothing earlier. */
  since: Type.Optional(wholeNumber),
})
export type AuditQuery = Static<typeof AuditQuery>

/** `GET /api/audit/check`: from which record on, and the hash that it has. */
export const AuditCheckQuery = Type.Object({
  after: Type.Optional(wholeNumber),
  hash: Type.Optional(Type.String({ pattern: '^[0-9a-f]{0,64}$' })),
})
export type AuditCheckQuery = Static<typeof AuditCheckQuery>
