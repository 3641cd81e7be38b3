import { type Static, Type } from 'typebox'

/** What the REST entrances of the central configuration take. All need the scope `admin`. */
const documentName = Type.String({ pattern: '^[a-z][a-z-]{0,31}(/[a-z0-9][a-z0-9-]{0,62})?$' })
const key = Type.String({ minLength: 1, maxLength: 64 })
const reason = Type.String({ minLength: 1, maxLength: 500 })
const revision = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

/** `POST /api/config/changes`: documents that change together or not at all. */
export const ConfigChangeBody = Type.Object({
  /** The same change sent again is the same change. */
  key,
  reason,
  /** Answers what would change, and stores nothing. */
  dryRun: Type.Optional(Type.Boolean()),
  documents: Type.Array(
    Type.Object({
      // A wrong name is told among the other faults.
      name: Type.String({ maxLength: 200 }),
      /** YAML or JSON; `null` removes the document. */
      text: Type.Union([Type.String(), Type.Null()]),
      /** The revision that was edited, 0 where it was not there; absent: whichever is there now. */
      expect: Type.Optional(revision),
    }),
    { minItems: 1, maxItems: 1000 },
  ),
})
export type ConfigChangeBody = Static<typeof ConfigChangeBody>

/** `POST /api/config/rollback`: all documents, or one, become what they were at an earlier revision, as a new change. */
export const ConfigRollbackBody = Type.Object({
  key,
  reason,
  to: revision,
  /** Only this document. */
  name: Type.Optional(documentName),
  dryRun: Type.Optional(Type.Boolean()),
})
export type ConfigRollbackBody = Static<typeof ConfigRollbackBody>

export const ConfigDocumentQuery = Type.Object({ name: documentName })
export type ConfigDocumentQuery = Static<typeof ConfigDocumentQuery>

const wholeNumber = Type.String({ pattern: '^[0-9]{1,15}$' })
export const ConfigHistoryQuery = Type.Object({
  name: Type.Optional(documentName),
  before: Type.Optional(wholeNumber),
  limit: Type.Optional(wholeNumber),
})
export type ConfigHistoryQuery = Static<typeof ConfigHistoryQuery>
