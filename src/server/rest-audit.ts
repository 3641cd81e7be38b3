import type { FastifyInstance } from 'fastify'
import { endChain, followChain } from '../ops/audit-chain-decision.ts'
import type { AuditAnswer, AuditCheckAnswer } from '../protocol/audit-answers.ts'
import { AuditCheckQuery, AuditQuery } from '../protocol/audit-schema.ts'
import type { AuditRow, AuditStore } from '../store/audit-store.ts'
import { sha256 } from '../store/sha256-node.ts'
import { type AuditSearch, fitsAuditSearch } from './audit-search-decision.ts'

const RECORDS = 200
const RECORDS_MAX = 1000
/** How many records one look reads, so that nobody waits long behind it; who looks for more asks again. */
const PIECE = 1000
const PIECES_MAX = 5

type Trail = Pick<AuditStore, 'auditRows' | 'auditHead'>

/** The audit trail for whoever reads or checks it; nothing here or anywhere else changes it. */
export function auditRoutes(app: FastifyInstance, store: Trail): void {
  app.get<{ Querystring: AuditQuery }>(
    '/api/audit',
    { config: { access: 'audit' }, schema: { querystring: AuditQuery } },
    async ({ query: { after, before, since, ...words } }): Promise<AuditAnswer> => {
      const limit = Math.min(Math.max(1, Number(words.limit ?? RECORDS)), RECORDS_MAX)
      // The end first: what is appended meanwhile stands after it and is not asked for.
      const head = await store.auditHead()
      if (after !== undefined) {
        const records = await store.auditRows(Number(after), Math.max(0, Math.min(limit, head.n - Number(after))))
        return { records, head }
      }
      const below = Math.min(Number(before ?? head.n + 1), head.n + 1)
      const search: AuditSearch = { ...words, ...(since !== undefined && { since: Number(since) }) }
      return { ...(await lookBack(store, below, limit, search)), head }
    },
  )

  app.get<{ Querystring: AuditCheckQuery }>(
    '/api/audit/check',
    { config: { access: 'audit' }, schema: { querystring: AuditCheckQuery } },
    async ({ query }): Promise<AuditCheckAnswer> => {
      const from = { n: Number(query.after ?? 0), hash: query.hash ?? '' }
      const head = await store.auditHead()
      const rows = await store.auditRows(from.n, Math.max(0, Math.min(PIECE, head.n - from.n)))
      const followed = followChain(from, rows, sha256)
      const last = followed.kind === 'sound' && rows.length < PIECE
      const verdict = last || from.n >= head.n ? endChain(last ? followed.head : from, head) : followed
      return verdict.kind === 'sound' ? { kind: 'sound', checked: verdict.head, head } : { ...verdict, head }
    },
  )
}

/** The newest records below a number that fit, in the order of their numbers, and where to go on. */
async function lookBack(
  store: Trail,
  from: number,
  limit: number,
  search: AuditSearch,
): Promise<Omit<AuditAnswer, 'head'>> {
  const found: AuditRow[] = []
  // What is looked for fits everywhere: then a piece is no longer than what is wanted.
  const all = Object.values(search).every((word) => word === undefined)
  let below = from
  for (let piece = 0; below > 1 && found.length < limit && piece < PIECES_MAX; piece++) {
    const count = Math.min(all ? limit : PIECE, below - 1)
    const start = below - count
    const rows = (await store.auditRows(start - 1, count)).filter(({ n }) => n < below)
    below = start
    for (const row of rows.toReversed()) {
      if (fitsAuditSearch(row, search)) found.push(row)
      if (found.length < limit) continue
      below = row.n
      break
    }
    // Clocks of databases have gone back by seconds, not by as much as so many acts take.
    if (rows.length > 0 && rows.every(({ at }) => at < (search.since ?? 0))) below = 1
  }
  return { records: found.reverse(), ...(below > 1 && { next: below }) }
}
