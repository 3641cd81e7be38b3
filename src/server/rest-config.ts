import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { REFUSALS, type RefusalCode, refuse } from '../base/refusals.ts'
import { documentText } from '../config/document-text.ts'
import type { AuditTrail } from '../ops/audit-trail.ts'
import type {
  ConfigAnswer,
  ConfigChangeAnswer,
  ConfigConflictAnswer,
  ConfigDocumentRow,
  ConfigHistoryAnswer,
  ConfigInvalidAnswer,
  ConfigNodeRow,
} from '../protocol/config-answers.ts'
import {
  ConfigChangeBody,
  ConfigDocumentQuery,
  ConfigHistoryQuery,
  ConfigRollbackBody,
} from '../protocol/config-schema.ts'
import { auditedChange } from './audited-change.ts'
import { stateOf } from './cluster-view.ts'
import { type ChangeOutcome, ConfigDesk, type ConfigDeskPorts } from './config-desk.ts'
import { answerRefusal } from './http-answers.ts'
import type { NodeFacade } from './node-facade.ts'

/** What a node runs, as it answers the question `configuration`. */
export interface NodeConfiguration {
  readonly revision: number
  readonly digest: string
}

// A whole directory of documents travels as one change.
const CHANGE_BYTES_MAX = 8 * 1024 * 1024
const HISTORY_MAX = 200
const HISTORY = 50
// A node that says nothing for so long is shown as one that does not answer.
const NODE_PATIENCE_MS = 500

/** The central configuration: what it is, who runs it, changes, history, roll-back. */
export function configRoutes(
  app: FastifyInstance,
  ports: ConfigDeskPorts & { readonly node: NodeFacade; readonly audit: AuditTrail },
): void {
  const { keeper, kinds, node, audit } = ports
  const desk = new ConfigDesk(ports)
  const admin = { config: { access: 'admin' as const } }
  const read = { config: { access: 'audit' as const } }
  const change = { ...admin, bodyLimit: CHANGE_BYTES_MAX }

  app.get('/api/config', read, async (): Promise<ConfigAnswer> => {
    await keeper.refresh()
    const configuration = keeper.configuration()
    return {
      revision: configuration.revision,
      digest: keeper.digest,
      known: keeper.known,
      documents: configuration.documents().map(rowOf),
      kinds: kinds.all().map(({ kind, title, about, many, schema }) => ({ kind, title, about, many, schema })),
      nodes: await nodesOf(node, keeper.digest),
    }
  })

  app.get<{ Querystring: ConfigDocumentQuery }>(
    '/api/config/document',
    { ...read, schema: { querystring: ConfigDocumentQuery } },
    async (request, reply) => {
      await keeper.refresh()
      const document = keeper.configuration().document(request.query.name)
      return document ? rowOf(document) : answerRefusal(reply, refuse('unknown-document'))
    },
  )

  app.post<{ Body: ConfigChangeBody }>(
    '/api/config/changes',
    { ...change, schema: { body: ConfigChangeBody } },
    async (request, reply) => {
      const { documents, ...body } = request.body
      const asked = requestOf(request, body)
      const change = () => desk.change(documents, asked)
      return answerChange(reply, await auditedChange(audit, request, { act: 'config.change', asked }, change))
    },
  )

  app.post<{ Body: ConfigRollbackBody }>(
    '/api/config/rollback',
    { ...change, schema: { body: ConfigRollbackBody } },
    async (request, reply) => {
      const asked = requestOf(request, request.body)
      const change = () => desk.rollback(request.body.to, asked, request.body.name)
      return answerChange(reply, await auditedChange(audit, request, { act: 'config.rollback', asked }, change))
    },
  )

  app.get<{ Querystring: ConfigHistoryQuery }>(
    '/api/config/history',
    { ...read, schema: { querystring: ConfigHistoryQuery } },
    async ({ query }): Promise<ConfigHistoryAnswer> => {
      const limit = Math.min(Math.max(1, Number(query.limit ?? HISTORY)), HISTORY_MAX)
      const { name, before } = query
      return {
        changes: await desk.history({
          limit,
          ...(name !== undefined && { name }),
          ...(before !== undefined && { before: Number(before) }),
        }),
      }
    },
  )
}

function requestOf(
  request: FastifyRequest,
  { key, reason, dryRun = false }: { key: string; reason: string; dryRun?: boolean },
) {
  const author = request.claims?.kind === 'staff' ? request.claims.name : 'nobody'
  return { key, reason, dryRun, author }
}

function rowOf({ name, revision, value }: { name: string; revision: number; value: unknown }): ConfigDocumentRow {
  return { name, revision, value, text: documentText(value) }
}

async function nodesOf(node: NodeFacade, digest: string): Promise<readonly ConfigNodeRow[]> {
  const living = node.members().filter((member) => stateOf(member) !== 'dead')
  const rows = living.map(async (member): Promise<ConfigNodeRow> => {
    const answer = await node.inspect(member.node, 'configuration', {}, NODE_PATIENCE_MS).catch(() => undefined)
    if (!isNodeConfiguration(answer)) return { node: member.node, answers: false, drift: false }
    return { node: member.node, answers: true, ...answer, drift: answer.digest !== digest }
  })
  return (await Promise.all(rows)).sort((one, other) => (one.node < other.node ? -1 : 1))
}

export function isNodeConfiguration(answer: unknown): answer is NodeConfiguration {
  return typeof answer === 'object' && answer !== null && 'digest' in answer && 'revision' in answer
}

/** What became of a change, or all that is wrong with it. */
export function answerChange(reply: FastifyReply, outcome: ChangeOutcome): FastifyReply {
  switch (outcome.kind) {
    case 'faults': {
      const { faults } = outcome
      return refused<ConfigInvalidAnswer>(reply, 'config-invalid', { faults })
    }
    case 'conflict': {
      const conflicts = outcome.conflicts.map(({ there, ...conflict }) => ({
        ...conflict,
        ...(there && { there: rowOf({ ...there, value: JSON.parse(there.body) }) }),
      }))
      return refused<ConfigConflictAnswer>(reply, 'config-conflict', { conflicts })
    }
    case 'unknown-revision':
      return answerRefusal(reply, refuse('unknown-document', { detail: 'There is no such revision yet.' }))
    default: {
      const { revision, diffs, notes, kind } = outcome
      const put = notes.length > 0 && { notes }
      const answer: ConfigChangeAnswer = { revision, diffs, dryRun: kind === 'dry-run', ...put }
      return reply.send(answer)
    }
  }
}

function refused<Answer extends { readonly code: RefusalCode; readonly definite: boolean; readonly message: string }>(
  reply: FastifyReply,
  code: RefusalCode,
  more: Omit<Answer, 'code' | 'definite' | 'message' | 'retryAfterMs'>,
): FastifyReply {
  const { http, definite, meaning } = REFUSALS[code]
  return reply
    .code(http)
    .header('cache-control', 'no-store')
    .send({ code, definite, message: meaning, ...more })
}
