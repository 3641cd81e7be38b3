import type { FastifyInstance } from 'fastify'
import type { AuditAnswer } from '../protocol/audit-answers.ts'
import { LimitQuery } from '../protocol/rest-schema.ts'
import type { AuditStore } from '../store/audit-store.ts'

const RECORDS = 200
const RECORDS_MAX = 1000

/** The audit trail for whoever reads or checks it; nothing here or anywhere else changes it. */
export function auditRoutes(app: FastifyInstance, store: Pick<AuditStore, 'auditRows' | 'auditHead'>): void {
  app.get<{ Querystring: LimitQuery }>(
    '/api/audit',
    { config: { access: 'audit' }, schema: { querystring: LimitQuery } },
    async ({ query }): Promise<AuditAnswer> => {
      const limit = Math.min(Math.max(1, Number(query.limit ?? RECORDS)), RECORDS_MAX)
      // The end first: what is appended meanwhile stands after it and is not asked for.
      const head = await store.auditHead()
      const after = query.after === undefined ? Math.max(0, head.n - limit) : Number(query.after)
      const records = await store.auditRows(after, Math.max(0, Math.min(limit, head.n - after)))
      return { records, head }
    },
  )
}
