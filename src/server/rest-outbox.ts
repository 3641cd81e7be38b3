import type { FastifyInstance } from 'fastify'
import { type Refusal, refuse } from '../base/refusals.ts'
import type { Performed } from '../ops/audit-entry.ts'
import type { AuditTrail } from '../ops/audit-trail.ts'
import type { OutboxActAnswer, OutboxAnswer } from '../protocol/outbox-answers.ts'
import { DeadLetterBody } from '../protocol/outbox-schema.ts'
import { LimitQuery } from '../protocol/rest-schema.ts'
import type { OutboxStore } from '../store/outbox-store.ts'
import { actorOf } from './audit-actor.ts'
import { answerRefusal } from './http-answers.ts'

interface OutboxRoutesPorts {
  readonly outbox: Pick<OutboxStore, 'backlog' | 'lanes' | 'deadLetters' | 'replay' | 'drop'>
  readonly audit: Pick<AuditTrail, 'act'>
}

const LETTERS = 100
const LETTERS_MAX = 1000

/** What waits to be done outside, and what could not be done. */
export function outboxRoutes(app: FastifyInstance, { outbox, audit }: OutboxRoutesPorts): void {
  const admin = { config: { access: 'admin' as const } }

  app.get<{ Querystring: LimitQuery }>(
    '/api/outbox',
    { config: { access: 'audit' }, schema: { querystring: LimitQuery } },
    async (request): Promise<OutboxAnswer> => {
      const limit = Math.min(Math.max(1, Number(request.query.limit ?? LETTERS)), LETTERS_MAX)
      const [backlog, lanes, deadLetters] = await Promise.all([
        outbox.backlog(),
        outbox.lanes(limit),
        outbox.deadLetters(limit),
      ])
      return { ...backlog, lanes, deadLetters }
    },
  )

  app.post<{ Body: DeadLetterBody }>(
    '/api/outbox/replay',
    { ...admin, schema: { body: DeadLetterBody } },
    async (request, reply) => {
      const { id } = request.body
      const act = { act: 'outbox.replay', on: `outbox/${id}` } as const
      const answer = await audit.act(actorOf(request), act, async () =>
        told(await outbox.replay(id), `${id} is tried again.`),
      )
      return 'kind' in answer ? answerRefusal(reply, answer) : answer
    },
  )

  app.post<{ Body: DeadLetterBody }>(
    '/api/outbox/drop',
    { ...admin, schema: { body: DeadLetterBody } },
    async (request, reply) => {
      const { id } = request.body
      const act = { act: 'outbox.drop', on: `outbox/${id}` } as const
      const answer = await audit.act(actorOf(request), act, async () =>
        told(await outbox.drop(id), `${id} is given up for ever.`),
      )
      return 'kind' in answer ? answerRefusal(reply, answer) : answer
    },
  )
}

function told(found: boolean, sentence: string): Performed<OutboxActAnswer | Refusal> {
  if (!found) return { outcome: refuse('unknown-dead-letter'), happened: 'nothing' }
  return { outcome: { sentence }, happened: 'done' }
}
