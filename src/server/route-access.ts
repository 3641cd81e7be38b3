import type { FastifyInstance, FastifyRequest } from 'fastify'
import { API_KEY_PREFIX, type Grants } from '../accounts/grants.ts'
import { SET_UP_PREFIX } from '../accounts/people.ts'
import { type Refusal, refuse } from '../base/refusals.ts'
import type { Claims, Tokens } from '../protocol/tokens.ts'
import { type Access, allows, isFromOwnPage } from './access-decision.ts'
import { answerRefusal } from './http-answers.ts'
import { cookieIn, SESSION_COOKIE } from './session-cookie.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Every route must say it, or the server does not start: a forgotten check must not be an open door. */
    access?: Access
  }
  interface FastifyRequest {
    /** Who asks; `null` where no token was needed and none was given. */
    claims: Claims | null
  }
}

export interface AccessPorts {
  readonly tokens: Tokens
  readonly grants: Grants
  /** Whether a set-up link may still make the first account. */
  readonly setUpIsOffered: (link: string) => Promise<boolean>
  /** The one address of the system, where an operator set it, and others of it. */
  readonly publicUrl: string
  readonly addresses: readonly string[]
}

/** Puts the check before every route that is registered after it. */
export function guardRoutes(app: FastifyInstance, ports: AccessPorts): void {
  app.decorateRequest('claims', null)
  app.addHook('onRoute', (route) => {
    if (route.config?.access === undefined) throw new Error(`${route.method} ${route.url} does not say who may use it`)
  })
  app.addHook('onRequest', async (request, reply) => {
    const access = request.routeOptions.config.access ?? 'public'
    if (access === 'public') return
    if ((access === 'door' || access === 'cookie') && !isFromOwnPage(originOf(ports, request)))
      return answerRefusal(reply, refuse('not-allowed', { detail: 'The page of another site may not ask this.' }))
    if (access === 'door') return
    if (access === 'giver' && request.headers.authorization === undefined) return
    if (access === 'set-up') {
      const link = bearerOf(request)
      // A void link is refused like any other word that opens nothing.
      if (link?.startsWith(SET_UP_PREFIX) && (await ports.setUpIsOffered(link))) return
    }
    const claims = await (access === 'cookie' ? cookieClaims(ports, request) : claimsOf(ports, request))
    if (isRefusal(claims)) return answerRefusal(reply, claims)
    const { id = '' } = request.params as { id?: string }
    if (access !== 'cookie' && !allows(access, claims, id)) return answerRefusal(reply, refuse('not-allowed'))
    request.claims = claims
  })
}

/** Reads the bearer token, or the API key in its place. What nobody can be asked about now is no verdict. */
export async function claimsOf(ports: AccessPorts, request: FastifyRequest): Promise<Claims | Refusal> {
  const token = bearerOf(request)
  return token === undefined ? refuse('token-missing') : verified(ports, token)
}

function bearerOf(request: FastifyRequest): string | undefined {
  return /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
}

/** What a token or an API key says, or why it says nothing. */
export async function verified(ports: AccessPorts, token: string, graceMs?: number): Promise<Claims | Refusal> {
  const { tokens, grants } = ports
  if (token.startsWith(API_KEY_PREFIX)) return grants.ofApiKey(token)
  const first = tokens.verify(token, graceMs)
  if (first.kind === 'good') return first.claims
  if (first.kind === 'bad') return refuse(first.code)
  if (!(await tokens.refreshKeys())) return refuse('store-unavailable', { retryAfterMs: 1000 })
  const second = tokens.verify(token, graceMs)
  if (second.kind === 'good') return second.claims
  return refuse(second.kind === 'bad' ? second.code : 'token-invalid')
}

async function cookieClaims({ grants, publicUrl }: AccessPorts, request: FastifyRequest): Promise<Claims | Refusal> {
  const secret = cookieIn(request.headers.cookie, SESSION_COOKIE, isSecure(publicUrl, request))
  return secret === undefined ? refuse('token-missing', { detail: 'Nobody is signed in.' }) : grants.ofCookie(secret)
}

/** Whether the browser speaks TLS, to this node or to what stands before it. */
export function isSecure(publicUrl: string, request: FastifyRequest): boolean {
  return request.protocol === 'https' || publicUrl.startsWith('https:')
}

function originOf({ publicUrl, addresses }: AccessPorts, request: FastifyRequest) {
  const site = request.headers['sec-fetch-site']
  return {
    site: Array.isArray(site) ? site[0] : site,
    origin: request.headers.origin,
    own: [publicUrl, ...addresses, `${request.protocol}://${request.host}`],
  }
}

export function isRefusal(answer: { readonly kind: string }): answer is Refusal {
  return answer.kind === 'refused'
}
