import { type Static, Type } from 'typebox'
import { ScopeSchema } from './rest-schema.ts'
import { ACCOUNT_ROLES } from './staff-roles.ts'
import { SCOPES } from './tokens.ts'

/** What the REST entrances of signing in, accounts and API keys take. */
const accountName = Type.String({ pattern: '^[a-z0-9][a-z0-9._@+-]{0,62}$' })
const typedName = Type.String({ minLength: 1, maxLength: 64 })
const label = Type.String({ minLength: 1, maxLength: 64, pattern: '^[^\\u0000-\\u001f\\u007f]*$' })
// What a good one is, is judged in a sentence.
const password = Type.String({ minLength: 1, maxLength: 1000 })
const id = Type.String({ pattern: '^[0-7][0-9a-hjkmnp-tv-z]{12}$' })
const role = Type.Union([
  Type.Literal('admin'),
  Type.Literal('supervisor'),
  Type.Literal('agent'),
  Type.Literal('auditor'),
])
const roles = Type.Array(role, { maxItems: ACCOUNT_ROLES.length, uniqueItems: true })

export const SignInBody = Type.Object({ name: typedName, password })
export type SignInBody = Static<typeof SignInBody>

export const SetUpBody = Type.Object({
  /** From the link that a node printed. */
  link: Type.String({ minLength: 1, maxLength: 200 }),
  name: accountName,
  displayName: Type.Optional(label),
  password,
})
export type SetUpBody = Static<typeof SetUpBody>

export const ProviderQuery = Type.Object({
  /** The page to show afterwards. */
  to: Type.Optional(Type.String({ maxLength: 500 })),
})
export type ProviderQuery = Static<typeof ProviderQuery>

export const AccountParams = Type.Object({ id })
export type AccountParams = Static<typeof AccountParams>

export const SessionParams = Type.Object({ id, session: id })
export type SessionParams = Static<typeof SessionParams>

export const AccountBody = Type.Object({
  name: accountName,
  displayName: Type.Optional(label),
  roles,
  /** Absent: nobody can sign in by password until one is given. */
  password: Type.Optional(password),
})
export type AccountBody = Static<typeof AccountBody>

export const AccountChangeBody = Type.Object({
  displayName: Type.Optional(label),
  roles: Type.Optional(roles),
  disabled: Type.Optional(Type.Boolean()),
})
export type AccountChangeBody = Static<typeof AccountChangeBody>

export const PasswordBody = Type.Object({
  password,
  /** The present one; needed of whoever changes his own. */
  current: Type.Optional(password),
})
export type PasswordBody = Static<typeof PasswordBody>

export const ApiKeyBody = Type.Object({
  name: label,
  scopes: Type.Array(ScopeSchema, {
    minItems: 1,
    maxItems: SCOPES.length,
    uniqueItems: true,
  }),
  /** Absent: it ends when it is revoked. */
  days: Type.Optional(Type.Integer({ minimum: 1, maximum: 3650 })),
})
export type ApiKeyBody = Static<typeof ApiKeyBody>
