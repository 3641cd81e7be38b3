import { type Static, Type } from 'typebox'

/** What the REST entrances of secrets take. A text goes in and never comes out. */
export const SecretParams = Type.Object({ name: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$' }) })
export type SecretParams = Static<typeof SecretParams>

/** `POST /api/secrets/:name` */
export const SecretBody = Type.Object({ text: Type.String({ minLength: 1, maxLength: 32_768 }) })
export type SecretBody = Static<typeof SecretBody>

/** `POST /api/secret-keys/rotate` */
export const SecretRotateBody = Type.Object({
  /** Earlier master keys open nothing any more. */
  retire: Type.Optional(Type.Boolean()),
})
export type SecretRotateBody = Static<typeof SecretRotateBody>
