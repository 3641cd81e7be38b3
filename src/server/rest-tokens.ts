import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Random } from '../base/random.ts'
import { type Refusal, refuse } from '../base/refusals.ts'
import type { AuditTrail } from '../ops/audit-trail.ts'
import { RefreshBody, type StaffTokenBody, TokenBody, VisitorTokenBody } from '../protocol/rest-schema.ts'
import { type Claims, holds, type StaffClaims } from '../protocol/tokens.ts'
import { actorOf } from './audit-actor.ts'
import { answerRefusal } from './http-answers.ts'
import { type AccessPorts, isRefusal, verified } from './route-access.ts'
import type { TokenDesk } from './token-desk.ts'

interface TokenRoutesPorts {
  readonly access: AccessPorts
  readonly desk: TokenDesk
  readonly random: Random
  readonly audit: AuditTrail
  /** Whether anybody may get a visitor token. */
  readonly anonymousVisitors: boolean
  /** To one address, without a token. */
  readonly visitorTokensPerMinute: number
  readonly refreshWithinMs: number
}

/** Tokens for visitors and staff. Who gives a token gives no more than it has itself. */
export function tokenRoutes(app: FastifyInstance, ports: TokenRoutesPorts): void {
  // Whoever signs in, or brings a token, is known: only the limit on all requests is for them.
  const newcomers = app.createRateLimit({ max: ports.visitorTokensPerMinute, timeWindow: 60_000 })

  app.post<{ Body: TokenBody | undefined }>(
    '/api/tokens',
    { config: { access: 'giver' }, schema: { body: TokenBody } },
    async (request, reply) => {
      const body = request.body ?? {}
      const giver = request.claims
      if (giver?.kind !== 'staff')
        return body.kind === 'staff'
          ? answerRefusal(reply, refuse('token-missing'))
          : anonymousVisitor({ ...ports, newcomers }, body, request, reply)
      return body.kind === 'staff'
        ? staffToken(ports, body, giver, request, reply)
        : visitorToken(ports, body, request, reply)
    },
  )

  // What the widget asks where a page names no other address for tokens.
  app.post<{ Body: VisitorTokenBody | undefined }>(
    '/api/demo/token',
    { config: { access: 'public' }, schema: { body: VisitorTokenBody } },
    (request, reply) => anonymousVisitor({ ...ports, newcomers }, request.body ?? {}, request, reply),
  )

  app.post<{ Body: RefreshBody }>(
    '/api/tokens/refresh',
    { config: { access: 'public' }, schema: { body: RefreshBody } },
    (request, reply) => refreshed(ports, request.body.token, request, reply),
  )
}

/** A visitor whom nobody vouches for: a new conversation, or the one of the token it had. */
async function anonymousVisitor(
  ports: TokenRoutesPorts & { readonly newcomers: ReturnType<FastifyInstance['createRateLimit']> },
  body: VisitorTokenBody,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (body.token !== undefined) return refreshed(ports, body.token, request, reply)
  if (!ports.anonymousVisitors) return answerRefusal(reply, refuse('token-missing'))
  const counted = await ports.newcomers(request)
  if (!counted.isAllowed && counted.isExceeded)
    return answerRefusal(reply, refuse('rate-limited', { retryAfterMs: counted.ttl }))
  const visitor = ports.desk.visitorOf(ports.random.id(), { name: body.name, topic: body.topic })
  return reply.send(ports.desk.issue(visitor, request))
}

function visitorToken(
  ports: TokenRoutesPorts,
  body: VisitorTokenBody,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> | FastifyReply {
  if (body.token !== undefined) return refreshed(ports, body.token, request, reply)
  const conversation = body.conversation ?? ports.random.id()
  const visitor = ports.desk.visitorOf(conversation, body)
  return reply.send(ports.desk.issue(visitor, request))
}

async function staffToken(
  ports: TokenRoutesPorts,
  body: StaffTokenBody,
  giver: StaffClaims,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const scopes = body.scopes ?? ['conversations']
  const within = holds(giver, 'admin') || scopes.every((scope) => holds(giver, scope))
  if (!within) return answerRefusal(reply, refuse('not-allowed', { detail: 'No token gives more than its giver has.' }))
  const subject = body.subject ?? `staff-${ports.random.id()}`
  // What is given away ends with what its giver has it from.
  const { grant } = giver
  const { name, role = 'agent' } = body
  const claims: StaffClaims = { kind: 'staff', subject, name, role, scopes, ...(grant && { grant }) }
  const act = { act: 'token.issue', on: `staff/${subject}`, after: claims } as const
  const answer = await ports.audit.act(actorOf(request, giver), act, async () => {
    return { outcome: ports.desk.issue(claims, request, body.lifetimeMs), happened: 'done' }
  })
  return reply.send(answer)
}

/** The same claims for a further while. Visitors may come back late; staff must come before the end. */
async function refreshed(
  ports: TokenRoutesPorts,
  token: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { access, refreshWithinMs } = ports
  const claims = await verified(access, token, refreshWithinMs)
  if (isRefusal(claims)) return answerRefusal(reply, claims)
  const current = claims.kind === 'visitor' ? claims : await stillStaff(access, token)
  return isRefusal(current) ? answerRefusal(reply, current) : reply.send(ports.desk.issue(current, request))
}

async function stillStaff(access: AccessPorts, token: string): Promise<Claims | Refusal> {
  const claims = await verified(access, token)
  return claims.kind === 'staff' ? access.grants.renewed(claims) : claims
}
