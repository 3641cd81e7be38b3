import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Grants } from '../accounts/grants.ts'
import type { ProviderSignIn } from '../accounts/provider-sign-in-node.ts'
import type { SignedIn, SignIn } from '../accounts/sign-in.ts'
import { type Refusal, refuse } from '../base/refusals.ts'
import type { Configuration } from '../config/configuration.ts'
import { signInRules } from '../config/kinds/sign-in-document.ts'
import type { AuditTrail } from '../ops/audit-trail.ts'
import type { SessionAnswer, SignInAnswer } from '../protocol/account-answers.ts'
import { ProviderQuery, SetUpBody, SignInBody } from '../protocol/account-schema.ts'
import { homePage, ownPage } from '../protocol/page-policy.ts'
import type { StaffClaims } from '../protocol/tokens.ts'
import type { AccountStore } from '../store/account-store.ts'
import { answerRefusal } from './http-answers.ts'
import { isRefusal, isSecure } from './route-access.ts'
import { type Cookie, cookieHeader, cookieIn, FLOW_COOKIE, SESSION_COOKIE } from './session-cookie.ts'
import type { TokenDesk } from './token-desk.ts'

export interface SignInRoutesPorts {
  readonly signIn: SignIn
  readonly provider: ProviderSignIn
  readonly grants: Grants
  readonly store: Pick<AccountStore, 'endSession'>
  /** Tokens of the ended are known here at once, elsewhere within two seconds. */
  readonly refreshEnded: () => Promise<void>
  readonly desk: TokenDesk
  readonly audit: AuditTrail
  readonly publicUrl: string
  readonly configuration: () => Configuration
}

const PROVIDER_PATH = '/api/session/provider'
const RETURN_PATH = '/api/session/provider/return'
// People look for their second factor at the provider.
const FLOW_SECONDS = 15 * 60
// No page of ours: the one that his roles open.
const NOWHERE = 'nowhere'

/** The door: people come in by password, by provider or by set-up link, get tokens for their pages, and go. */
export function signInRoutes(app: FastifyInstance, ports: SignInRoutesPorts): void {
  const { signIn, provider, desk } = ports
  const door = { config: { access: 'door' as const } }
  const cookie = { config: { access: 'cookie' as const } }
  const open = { config: { access: 'public' as const } }

  app.get('/api/sign-in', open, async (_request, reply): Promise<SignInAnswer> => {
    reply.header('cache-control', 'no-store')
    const { passwords, issuer, title } = signInRules(ports.configuration())
    return { passwords, ...(issuer !== '' && { provider: { title, path: PROVIDER_PATH } }) }
  })

  app.post<{ Body: SignInBody }>('/api/session', { ...door, schema: { body: SignInBody } }, async (request, reply) => {
    const { name, password } = request.body
    return answerSignedIn(
      ports,
      request,
      reply,
      await signIn.byPassword(name.trim().toLowerCase(), password, visitOf(request)),
    )
  })

  app.post<{ Body: SetUpBody }>(
    '/api/session/set-up',
    { ...door, schema: { body: SetUpBody } },
    async (request, reply) => {
      const { link, name, displayName = name, password } = request.body
      const actor = { subject: 'set-up link', name, from: request.ip }
      const act = { act: 'account.create', on: `account/${name}`, after: { roles: ['admin'] } } as const
      const outcome = await ports.audit.act(actor, act, async () => {
        const signedIn = await signIn.bySetUp(link, { name, displayName, password }, visitOf(request))
        return { outcome: signedIn, happened: isRefusal(signedIn) ? 'nothing' : 'done' }
      })
      return answerSignedIn(ports, request, reply, outcome)
    },
  )

  app.get<{ Querystring: ProviderQuery }>(
    PROVIDER_PATH,
    { ...open, schema: { querystring: ProviderQuery } },
    async (request, reply) => {
      const begun = await provider.begin(desk.publicUrl() + RETURN_PATH, ownPage(request.query.to) ?? NOWHERE)
      if (begun.kind === 'refused') return answerRefusal(reply, begun)
      // The way back begins at another site: a strict cookie would not come with it.
      setCookie(ports, request, reply, {
        name: FLOW_COOKIE,
        value: begun.flow,
        maxAgeSeconds: FLOW_SECONDS,
        sameSite: 'Lax',
      })
      return reply.header('cache-control', 'no-store').redirect(begun.url, 302)
    },
  )

  app.get(RETURN_PATH, open, async (request, reply) => {
    const kept = cookieIn(request.headers.cookie, FLOW_COOKIE, isSecure(ports.publicUrl, request))
    setCookie(ports, request, reply, { name: FLOW_COOKIE, value: '', maxAgeSeconds: 0, sameSite: 'Lax' })
    const query = request.url.slice(request.url.indexOf('?') + 1)
    const vouched = await provider.finish(desk.publicUrl() + RETURN_PATH, query, kept)
    if (vouched.kind === 'refused') return answerRefusal(reply, vouched)
    const outcome = await signIn.byProvider(vouched.person, visitOf(request))
    if (isRefusal(outcome)) return answerRefusal(reply, outcome)
    const claims = await ports.grants.ofSession({ id: outcome.sessionId })
    if (isRefusal(claims)) return answerRefusal(reply, claims)
    keepSession(ports, request, reply, outcome)
    // A link to us leads nobody elsewhere.
    const to = ownPage(vouched.to) ?? homePage(claims.scopes)
    return reply.header('cache-control', 'no-store').redirect(to, 302)
  })

  // A page asks again before its token ends; for as long as it does, the session is in use.
  app.post('/api/session/token', cookie, (request, reply) => answerToken(ports, request, reply, staffIn(request)))

  app.post('/api/session/end', cookie, async (request, reply) => {
    const { grant } = staffIn(request)
    if (grant?.account !== undefined) await ports.store.endSession(grant.account, grant.id)
    await ports.refreshEnded()
    setCookie(ports, request, reply, { name: SESSION_COOKIE, value: '', maxAgeSeconds: 0, sameSite: 'Strict' })
    return reply.header('cache-control', 'no-store').send({ ended: true })
  })
}

async function answerSignedIn(
  ports: SignInRoutesPorts,
  request: FastifyRequest,
  reply: FastifyReply,
  outcome: SignedIn | Refusal,
): Promise<FastifyReply> {
  if (isRefusal(outcome)) return answerRefusal(reply, outcome)
  const claims = await ports.grants.ofSession({ id: outcome.sessionId })
  if (isRefusal(claims)) return answerRefusal(reply, claims)
  keepSession(ports, request, reply, outcome)
  return answerToken(ports, request, reply, claims)
}

function answerToken(
  { desk }: SignInRoutesPorts,
  request: FastifyRequest,
  reply: FastifyReply,
  claims: StaffClaims,
): FastifyReply {
  const { grant, scopes } = claims
  if (!grant) return answerRefusal(reply, refuse('session-ended'))
  const answer: SessionAnswer = {
    ...desk.issue(claims, request),
    scopes,
    session: grant.id,
    sessionEndsAt: grant.endsAt ?? 0,
  }
  return reply.header('cache-control', 'no-store').send(answer)
}

/** Until the session ends; that it does is judged by the store, not by the browser. */
function keepSession(
  ports: SignInRoutesPorts,
  request: FastifyRequest,
  reply: FastifyReply,
  { secret }: SignedIn,
): void {
  const { sessionHours } = signInRules(ports.configuration())
  const maxAgeSeconds = sessionHours * 3600
  setCookie(ports, request, reply, { name: SESSION_COOKIE, value: secret, maxAgeSeconds, sameSite: 'Strict' })
}

function setCookie(
  { publicUrl }: SignInRoutesPorts,
  request: FastifyRequest,
  reply: FastifyReply,
  cookie: Omit<Cookie, 'secure'>,
): void {
  reply.header('set-cookie', cookieHeader({ ...cookie, secure: isSecure(publicUrl, request) }))
}

function visitOf(request: FastifyRequest) {
  return { address: request.ip, browser: request.headers['user-agent'] ?? '' }
}

function staffIn({ claims }: FastifyRequest): StaffClaims {
  if (claims?.kind !== 'staff') throw new Error('A route behind the session cookie was reached without a session.')
  return claims
}
