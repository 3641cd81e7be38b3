import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Refusal, refuse } from '../base/refusals.ts'
import { type Claims, mayReach, type Scope, type Tokens } from '../protocol/tokens.ts'
import { answerRefusal } from './http-answers.ts'

/**
 * Who may use a route. `conversation`: whoever may reach the conversation in its path, by the same rule as on a
 * socket. Every route must say it, or the server does not start: a forgotten check must not be an open door.
 */
export type Access = 'public' | 'conversation' | 'staff' | Scope

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
  }
  interface FastifyRequest {
    /** Who asks; `null` where no token was needed and none was given. */
    claims: Claims | null
  }
}

/** Puts the check before every route that is registered after it. */
export function guardRoutes(app: FastifyInstance, tokens: Tokens): void {
  app.decorateRequest('claims', null)
  app.addHook('onRoute', (route) => {
    if (route.config?.access === undefined) throw new Error(`${route.method} ${route.url} does not say who may use it`)
  })
  app.addHook('onRequest', async (request, reply) => {
    const access = request.routeOptions.config.access ?? 'public'
    if (access === 'public') return
    const claims = await claimsOf(tokens, request)
    if (isRefusal(claims)) return answerRefusal(reply, claims)
    if (!allows(access, claims, request)) return answerRefusal(reply, refuse('not-allowed'))
    request.claims = claims
  })
}

function allows(access: Exclude<Access, 'public'>, claims: Claims, request: FastifyRequest): boolean {
  if (access === 'conversation') return mayReach(claims, (request.params as { id?: string }).id ?? '')
  if (claims.kind !== 'staff') return false
  return access === 'staff' || claims.scopes.includes(access)
}

/** Reads the bearer token. A key that is not known here is fetched once; a store that is away is no verdict. */
export async function claimsOf(tokens: Tokens, request: FastifyRequest): Promise<Claims | Refusal> {
  const [, token] = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '') ?? []
  return token === undefined ? refuse('token-missing') : verified(tokens, token)
}

/** What a token says, or why it says nothing. */
export async function verified(tokens: Tokens, token: string, graceMs?: number): Promise<Claims | Refusal> {
  const first = tokens.verify(token, graceMs)
  if (first.kind === 'good') return first.claims
  if (first.kind === 'bad') return refuse(first.code)
  if (!(await tokens.refreshKeys())) return refuse('store-unavailable', { retryAfterMs: 1000 })
  const second = tokens.verify(token, graceMs)
  if (second.kind === 'good') return second.claims
  return refuse(second.kind === 'bad' ? second.code : 'token-invalid')
}

export function isRefusal(answer: { readonly kind: string }): answer is Refusal {
  return answer.kind === 'refused'
}
