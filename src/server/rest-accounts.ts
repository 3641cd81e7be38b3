import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { API_KEY_PREFIX } from '../accounts/grants.ts'
import type { Passwords } from '../accounts/password-hash-node.ts'
import { passwordFault } from '../accounts/password-rule.ts'
import type { SecretTexts } from '../accounts/secret-text-node.ts'
import type { SignIn } from '../accounts/sign-in.ts'
import type { Random } from '../base/random.ts'
import { type Refusal, type RefusalCode, refuse } from '../base/refusals.ts'
import type { AuditedAct, Performed } from '../ops/audit-entry.ts'
import type { AuditTrail } from '../ops/audit-trail.ts'
import type {
  AccountRow,
  AccountsAnswer,
  ApiKeyMadeAnswer,
  ApiKeysAnswer,
  SessionsAnswer,
} from '../protocol/account-answers.ts'
import {
  AccountBody,
  AccountChangeBody,
  AccountParams,
  ApiKeyBody,
  PasswordBody,
  SessionParams,
} from '../protocol/account-schema.ts'
import type { Account, AccountOutcome, AccountStore } from '../store/account-store.ts'
import { isOwnAccount } from './access-decision.ts'
import { actorOf } from './audit-actor.ts'
import { answerRefusal } from './http-answers.ts'

export interface AccountRoutesPorts {
  readonly store: AccountStore
  readonly signIn: SignIn
  readonly passwords: Passwords
  readonly texts: SecretTexts
  readonly random: Random
  readonly audit: AuditTrail
  /** Tokens of the ended are known here at once, elsewhere within two seconds. */
  readonly refreshEnded: () => Promise<void>
}

const DAY_MS = 86_400_000
const REFUSED: Readonly<Record<Exclude<AccountOutcome['kind'], 'changed'>, RefusalCode>> = {
  unknown: 'unknown-account',
  'last-admin': 'last-admin',
}

/** Accounts, their sessions, and the keys of programs. */
export function accountRoutes(app: FastifyInstance, ports: AccountRoutesPorts): void {
  const { store } = ports
  const read = { config: { access: 'audit' as const } }
  const change = { config: { access: 'admin' as const } }
  const ownRead = { config: { access: 'account-read' as const } }
  const ownChange = { config: { access: 'account-change' as const } }

  app.get('/api/accounts', read, async (): Promise<AccountsAnswer> => {
    return { accounts: (await store.accounts()).map(rowOf) }
  })

  app.get<{ Params: AccountParams }>(
    '/api/accounts/:id',
    { ...ownRead, schema: { params: AccountParams } },
    async (request, reply) => {
      const account = await store.account({ id: request.params.id })
      return account ? rowOf(account) : answerRefusal(reply, refuse('unknown-account'))
    },
  )

  app.post<{ Body: AccountBody }>('/api/accounts', { ...change, schema: { body: AccountBody } }, (request, reply) => {
    const { name, roles } = request.body
    const act = { act: 'account.create', on: `account/${name}`, after: { roles } } as const
    return answered(ports, request, reply, act, () => created(ports, request.body))
  })

  app.post<{ Params: AccountParams; Body: AccountChangeBody }>(
    '/api/accounts/:id',
    { ...change, schema: { params: AccountParams, body: AccountChangeBody } },
    (request, reply) =>
      onAccount(ports, request, reply, { act: 'account.change', after: request.body }, async ({ id }) => {
        const { kind } = await store.changeAccount(id, request.body)
        if (kind !== 'changed') return refuse(REFUSED[kind])
        const changed = await store.account({ id })
        return changed ? rowOf(changed) : refuse('unknown-account')
      }),
  )

  app.post<{ Params: AccountParams }>(
    '/api/accounts/:id/remove',
    { ...change, schema: { params: AccountParams } },
    (request, reply) =>
      onAccount(ports, request, reply, { act: 'account.remove' }, async ({ id }) => {
        const { kind } = await store.removeAccount(id)
        return kind === 'changed' ? { removed: true } : refuse(REFUSED[kind])
      }),
  )

  app.post<{ Params: AccountParams; Body: PasswordBody }>(
    '/api/accounts/:id/password',
    { ...ownChange, schema: { params: AccountParams, body: PasswordBody } },
    (request, reply) =>
      onAccount(ports, request, reply, { act: 'account.password' }, async ({ id }) => {
        const refusal = await newPassword(ports, request, id)
        return refusal ?? { changed: true }
      }),
  )

  app.get<{ Params: AccountParams }>(
    '/api/accounts/:id/sessions',
    { ...ownRead, schema: { params: AccountParams } },
    async (request): Promise<SessionsAnswer> => {
      const present = request.claims?.kind === 'staff' ? request.claims.grant?.id : undefined
      const sessions = await store.sessions(request.params.id)
      return {
        sessions: sessions.map(({ account: _, ...session }) => ({ ...session, present: session.id === present })),
      }
    },
  )

  app.post<{ Params: SessionParams }>(
    '/api/accounts/:id/sessions/:session/end',
    { ...ownChange, schema: { params: SessionParams } },
    (request, reply) =>
      onAccount(
        ports,
        request,
        reply,
        { act: 'session.end', before: { session: request.params.session } },
        async ({ id }) => {
          const ended = await store.endSession(id, request.params.session)
          return ended ? { ended } : refuse('unknown-account')
        },
      ),
  )

  app.get('/api/api-keys', read, async (): Promise<ApiKeysAnswer> => ({ keys: await store.apiKeys() }))

  app.post<{ Body: ApiKeyBody }>('/api/api-keys', { ...change, schema: { body: ApiKeyBody } }, (request, reply) => {
    const { name, scopes, days } = request.body
    const act = { act: 'api-key.create', on: `api-key/${name}`, after: { scopes, days } } as const
    return answered(ports, request, reply, act, () => madeKey(ports, request))
  })

  app.post<{ Params: AccountParams }>(
    '/api/api-keys/:id/revoke',
    { ...change, schema: { params: AccountParams } },
    (request, reply) => {
      const { id } = request.params
      return answered(ports, request, reply, { act: 'api-key.revoke', on: `api-key/${id}` }, async () =>
        (await store.revokeApiKey(id)) ? { revoked: true } : refuse('unknown-account'),
      )
    },
  )
}

/** Carries out an act on an account that is there, and records it under its name. */
async function onAccount(
  ports: AccountRoutesPorts,
  request: FastifyRequest<{ Params: AccountParams }>,
  reply: FastifyReply,
  act: Omit<AuditedAct, 'on'>,
  perform: (account: Account) => Promise<object | Refusal>,
): Promise<FastifyReply> {
  const account = await ports.store.account({ id: request.params.id })
  if (!account) return answerRefusal(reply, refuse('unknown-account'))
  const { name, displayName, roles, disabled } = account
  const before = act.before ?? { displayName, roles, disabled }
  return answered(ports, request, reply, { ...act, before, on: `account/${name}` }, () => perform(account))
}

async function answered(
  { audit, refreshEnded }: AccountRoutesPorts,
  request: FastifyRequest,
  reply: FastifyReply,
  act: AuditedAct,
  perform: () => Promise<object | Refusal>,
): Promise<FastifyReply> {
  const outcome = await audit.act(actorOf(request), act, async (): Promise<Performed<object | Refusal>> => {
    const outcome = await perform()
    return { outcome, happened: refusalIn(outcome) ? 'nothing' : 'done' }
  })
  await refreshEnded()
  const refusal = refusalIn(outcome)
  return refusal ? answerRefusal(reply, refusal) : reply.header('cache-control', 'no-store').send(outcome)
}

function refusalIn(outcome: object): Refusal | undefined {
  return 'kind' in outcome && outcome.kind === 'refused' ? (outcome as Refusal) : undefined
}

async function created(
  { store, passwords, random }: AccountRoutesPorts,
  { name, displayName = name, roles, password }: AccountBody,
): Promise<AccountRow | Refusal> {
  const fault = password === undefined ? undefined : passwordFault(password, name)
  if (fault) return refuse('password-weak', { detail: fault })
  const id = random.id()
  const passwordHash = password === undefined ? {} : { passwordHash: await passwords.hash(password) }
  const { kind } = await store.createAccount({ id, name, displayName, roles, ...passwordHash })
  const account = kind === 'created' ? await store.account({ id }) : undefined
  return account ? rowOf(account) : refuse('account-taken')
}

/** Whoever changes his own shows that he knows the present one: a page that was left open is not enough. */
async function newPassword(
  { signIn }: AccountRoutesPorts,
  request: FastifyRequest<{ Params: AccountParams; Body: PasswordBody }>,
  id: string,
): Promise<Refusal | undefined> {
  const { claims, body } = request
  if (claims?.kind !== 'staff' || !isOwnAccount(claims, id)) return signIn.givePassword(id, body.password)
  if (body.current === undefined)
    return refuse('malformed', { detail: 'Whoever changes his own password gives the present one, too.' })
  const visit = { address: request.ip, browser: '' }
  return signIn.changeOwnPassword(id, { current: body.current, next: body.password }, visit, claims.grant?.id ?? '')
}

async function madeKey(
  { store, texts, random }: AccountRoutesPorts,
  { body, claims }: FastifyRequest<{ Body: ApiKeyBody }>,
): Promise<ApiKeyMadeAnswer | Refusal> {
  const { text: key, hash } = texts.make(API_KEY_PREFIX)
  const { name, scopes, days } = body
  const [id, madeBy] = [random.id(), claims?.name ?? 'nobody']
  await store.createApiKey({ id, hash, name, scopes, madeBy, ...(days !== undefined && { lifetimeMs: days * DAY_MS }) })
  const made = (await store.apiKeys()).find((each) => each.id === id)
  return made ? { ...made, key } : refuse('unknown-account')
}

function rowOf({
  id,
  name,
  displayName,
  roles,
  disabled,
  passwordHash,
  identity,
  madeAt,
  seenAt,
}: Account): AccountRow {
  const ways = { password: passwordHash !== undefined, provider: identity !== undefined }
  return { id, name, displayName, roles, disabled, ...ways, madeAt, ...(seenAt !== undefined && { seenAt }) }
}
