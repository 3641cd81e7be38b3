import { configKind } from '../config-kind.ts'
import type { Configuration } from '../configuration.ts'
import { count, fields, flag, line, type Static } from './field-types.ts'

const GROUPS = 'Groups of the provider, separated by commas, whose members are'

/** How people sign in to the consoles. */
export const SIGN_IN = configKind({
  kind: 'sign-in',
  title: 'Sign-in',
  about: 'How people sign in to the consoles: by password, and by an OpenID Connect provider of yours.',
  many: false,
  schema: fields({
    passwords: flag('Accounts may sign in by name and password.', true),
    sessionHours: count('A session ends after so many hours, whatever is done with it.', {
      min: 1,
      max: 720,
      fallback: 24,
      unit: 'hours',
    }),
    idleMinutes: count('A session ends when no page used it for so many minutes.', {
      min: 16,
      max: 43_200,
      fallback: 120,
      unit: 'minutes',
    }),
    title: line('What stands on the button of the provider.', { lengthMax: 60, fallback: 'Single sign-on' }),
    issuer: line('The OpenID Connect provider: `https://id.example.com`. Empty: none.', {
      lengthMax: 300,
      fallback: '',
    }),
    clientId: line('What Holdfast is called there; its secret is the secret `sign-in-client`.', {
      lengthMax: 200,
      fallback: '',
      secret: 'sign-in-client',
    }),
    scope: line('What is asked of the provider, separated by spaces.', {
      lengthMax: 300,
      fallback: 'openid profile email',
    }),
    groupsClaim: line('The claim that lists the groups of a person.', { lengthMax: 100, fallback: 'groups' }),
    adminGroups: line(`${GROUPS} administrators.`, { lengthMax: 1000, fallback: '' }),
    supervisorGroups: line(`${GROUPS} supervisors.`, { lengthMax: 1000, fallback: '' }),
    agentGroups: line(`${GROUPS} agents.`, { lengthMax: 1000, fallback: '' }),
    auditorGroups: line(`${GROUPS} auditors.`, { lengthMax: 1000, fallback: '' }),
  }),
  check: ({ issuer, clientId, scope, passwords }) => [
    // Codes and secrets travel to it: without TLS only on this machine, for trying.
    ...(!issuer || /^https:\/\/[^/\s]+(\/\S*)?$|^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?(\/\S*)?$/.test(issuer)
      ? []
      : [{ field: 'issuer', sentence: 'This must be an address that begins with https://.' }]),
    ...(issuer && !clientId ? [{ field: 'clientId', sentence: 'A provider knows Holdfast by a client id.' }] : []),
    ...(issuer && !(scope ?? 'openid').split(' ').includes('openid')
      ? [{ field: 'scope', sentence: 'The scope must hold openid.' }]
      : []),
    ...(passwords === false && !issuer
      ? [{ field: 'passwords', sentence: 'Without a provider nobody could sign in.' }]
      : []),
  ],
})

export type SignInRules = Required<Static<typeof SIGN_IN.schema>>

/** What the configuration says of signing in, every field of it. */
export function signInRules(configuration: Configuration): SignInRules {
  // Every field has a default, which `one` puts in its place.
  return configuration.one(SIGN_IN) as SignInRules
}
