import { type Static, Type } from 'typebox'

/** `POST /api/outbox/replay`, `/api/outbox/drop`: the id of a dead letter. */
export const DeadLetterBody = Type.Object({ id: Type.String({ minLength: 1, maxLength: 500 }) })
export type DeadLetterBody = Static<typeof DeadLetterBody>
