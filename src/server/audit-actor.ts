import type { FastifyRequest } from 'fastify'
import type { AuditActor } from '../ops/audit-entry.ts'
import type { Claims } from '../protocol/tokens.ts'

/** Who asks, for the audit trail: `audit.act(actorOf(request), ...)`. */
export function actorOf(request: FastifyRequest, claims: Claims | null = request.claims): AuditActor {
  // Where nobody has an account yet, whoever set a step holds the link that a node printed.
  const nobody = request.routeOptions.config.access === 'set-up' ? 'set-up link' : 'nobody'
  return { subject: claims?.subject ?? nobody, name: claims?.name ?? nobody, from: request.ip }
}
