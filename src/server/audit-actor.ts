import type { FastifyRequest } from 'fastify'
import type { AuditActor } from '../ops/audit-entry.ts'
import type { Claims } from '../protocol/tokens.ts'

/** Who asks, for the audit trail: `audit.act(actorOf(request), ...)`. */
export function actorOf(request: FastifyRequest, claims: Claims | null = request.claims): AuditActor {
  return { subject: claims?.subject ?? 'nobody', name: claims?.name ?? 'nobody', from: request.ip }
}
