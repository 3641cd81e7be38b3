import type { StaffClaims } from '../protocol/tokens.ts'
import type { StoredRole } from '../store/account-store.ts'
import { type HttpStage, visitorToken } from './http-stage.ts'
import type { Caller } from './permissions.ts'

export const PASSWORD = 'correct horse battery'

/** What a caller brings, and what is its own. */
export interface CallerProps {
  readonly headers: Readonly<Record<string, string>>
  /** Of an account. */
  readonly account?: string
  readonly session?: string
  readonly claims?: StaffClaims
}

/** Everybody of the table of permissions, made at a stage as they would be in earnest. */
export async function callersOn(stage: HttpStage, own: string): Promise<Readonly<Record<Caller, CallerProps>>> {
  return {
    admin: await signedIn(stage, 'admin'),
    supervisor: await signedIn(stage, 'supervisor'),
    agent: await signedIn(stage, 'agent'),
    auditor: await signedIn(stage, 'auditor'),
    'key: conversations': await holderOfKey(stage, 'conversations'),
    'key: tokens': await holderOfKey(stage, 'tokens'),
    'key: audit': await holderOfKey(stage, 'audit'),
    'key: admin': await holderOfKey(stage, 'admin'),
    visitor: { headers: { authorization: `Bearer ${visitorToken(own)}` } },
    nobody: { headers: {} },
  }
}

/** An account of a role, with a session and a token of it. */
async function signedIn({ people, tokens, random }: HttpStage, role: StoredRole): Promise<CallerProps> {
  const id = random.id()
  const passwordHash = await people.passwords.hash(PASSWORD)
  await people.store.createAccount({ id, name: role, displayName: role, roles: [role], passwordHash })
  const outcome = await people.signIn.byPassword(role, PASSWORD, { address: '192.0.2.1', browser: 'B' })
  if (outcome.kind === 'refused') throw new Error(outcome.code)
  const claims = await people.grants.ofSession({ id: outcome.sessionId })
  if (claims.kind === 'refused') throw new Error(claims.code)
  const cookie = `holdfast-session=${outcome.secret}`
  const headers = { authorization: `Bearer ${tokens.issue(claims)}`, cookie }
  return { headers, account: id, session: outcome.sessionId, claims }
}

async function holderOfKey({ people, random }: HttpStage, scope: string): Promise<CallerProps> {
  const { text, hash } = people.texts.make('hfk_')
  await people.store.createApiKey({ id: random.id(), hash, name: scope, scopes: [scope], madeBy: 'admin' })
  const claims = await people.grants.ofApiKey(text)
  if (claims.kind === 'refused') throw new Error(claims.code)
  return { headers: { authorization: `Bearer ${text}` }, claims }
}
