import type { FastifyInstance } from 'fastify'
import type { Clock } from '../base/clock.ts'
import type { NodeName } from '../base/ids.ts'
import type { Log } from '../base/log.ts'
import { REFUSALS, type Refusal, refuse } from '../base/refusals.ts'
import type { Performed } from '../ops/audit-entry.ts'
import type { AuditTrail } from '../ops/audit-trail.ts'
import type { DecisionsAnswer, NodeAct, NodeActAnswer } from '../protocol/rest-answers.ts'
import { LimitQuery, MoveBody, NodeActBody, NodeActParams, NodeParams } from '../protocol/rest-schema.ts'
import { actorOf } from './audit-actor.ts'
import { type ClusterView, stateOf, sumOf } from './cluster-view.ts'
import { doctorRound } from './doctor-round.ts'
import { answerRefusal } from './http-answers.ts'
import type { DrainState, NodeFacade, SupervisedAct, Supervisor } from './node-facade.ts'

interface AdminRoutesPorts {
  readonly node: NodeFacade
  readonly view: ClusterView
  readonly clock: Clock
  readonly audit: AuditTrail
  readonly log: Log
  readonly supervisor?: Supervisor
}

const DECISIONS_MAX = 1000
const PAUSE_SECONDS = 5
// A move waits for the successor's claim, or for the offer to be withdrawn.
const MOVE_PATIENCE_MS = 5000

/** What operators see and do: nodes, who owns what, decisions, numbers, acts. */
export function adminRoutes(app: FastifyInstance, ports: AdminRoutesPorts): void {
  const { node, view } = ports
  const admin = { config: { access: 'admin' as const } }
  const read = { config: { access: 'audit' as const } }

  app.get('/api/cluster', read, () => view.cluster())
  app.get('/api/cluster/doctor', read, () => doctorRound(ports))
  app.get('/api/cluster/conversations', read, async () => ({ ownership: await view.ownership() }))

  app.get<{ Querystring: LimitQuery }>(
    '/api/cluster/decisions',
    { ...read, schema: { querystring: LimitQuery } },
    async (request): Promise<DecisionsAnswer> => ({ decisions: await view.decisions(limitIn(request.query)) }),
  )

  app.get('/api/cluster/support', read, async () => ({ nodes: Object.fromEntries(await view.support()) }))

  // One node's decisions in the order of their numbers, for whoever follows them.
  app.get<{ Params: NodeParams; Querystring: LimitQuery }>(
    '/api/cluster/nodes/:name/decisions',
    { ...read, schema: { params: NodeParams, querystring: LimitQuery } },
    async (request, reply) => {
      const asked = { after: Number(request.query.after ?? 0), limit: limitIn(request.query) }
      const decisions = await ask(node, request.params.name, 'decisions', asked)
      return isFailure(decisions) ? answerRefusal(reply, decisions.refusal) : { decisions: decisions.answer }
    },
  )

  app.get('/api/kpi', { config: { access: 'staff' } }, async () => {
    const views = await view.views()
    const nodes = Object.fromEntries([...views].map(([name, { counters }]) => [name, counters]))
    return { node: node.self().node, counters: sumOf(Object.values(nodes)), nodes }
  })

  app.post<{ Params: NodeParams; Body: MoveBody }>(
    '/api/cluster/nodes/:name/move',
    { ...admin, schema: { params: NodeParams, body: MoveBody } },
    async (request, reply) => {
      const { conversation, to } = request.body
      const { name } = request.params
      const act = { act: 'conversation.move', on: conversation, before: { owner: name }, after: { owner: to } } as const
      const moved = await ports.audit.act(actorOf(request), act, async () => {
        const outcome = await ask(node, name, 'move', request.body, MOVE_PATIENCE_MS)
        return 'answer' in outcome && outcome.answer !== true ? { outcome, happened: 'nothing' } : performed(outcome)
      })
      if (isFailure(moved)) return answerRefusal(reply, moved.refusal)
      ports.log.info(`An operator asked to move a conversation to ${to}.`, { conversation, node: name })
      return { moved: moved.answer === true }
    },
  )

  app.get<{ Params: NodeParams }>(
    '/api/cluster/nodes/:name/drain',
    { ...read, schema: { params: NodeParams } },
    async (request, reply) => {
      const state = await ask(node, request.params.name, 'drain-state')
      return isFailure(state) ? answerRefusal(reply, state.refusal) : (state.answer as DrainState)
    },
  )

  app.post<{ Params: NodeActParams; Body: NodeActBody | undefined }>(
    '/api/cluster/nodes/:name/:act',
    { ...admin, schema: { params: NodeActParams, body: NodeActBody } },
    async (request, reply) => {
      const { name, act } = request.params
      const before = { mode: node.members().find((member) => member.node === name)?.mode }
      const audited = { act: `node.${act}`, on: name, before, after: { asked: act, ...request.body } } as const
      const outcome = await ports.audit.act(actorOf(request), audited, async () =>
        performed(await perform(ports, name, act, request.body ?? {})),
      )
      if (isFailure(outcome)) return answerRefusal(reply, outcome.refusal)
      ports.log.info(`An operator asked for ${act} of ${name}.`, { node: name })
      const answer: NodeActAnswer = { node: name, act, sentence: SENTENCES[act](name) }
      return answer
    },
  )
}

const SENTENCES: Readonly<Record<NodeAct, (node: NodeName) => string>> = {
  drain: (node) => `${node} gives its conversations away.`,
  disable: (node) => `${node} opens no new conversations.`,
  enable: (node) => `${node} opens new conversations.`,
  kill: (node) => `${node} is killed; its supervisor starts it again.`,
  pause: (node) => `${node} is stopped for a while and wakes again.`,
  restart: (node) => `${node} restarts.`,
}

async function perform(ports: AdminRoutesPorts, name: NodeName, act: NodeAct, body: NodeActBody): Promise<Outcome> {
  if (isSupervised(act)) return supervise(ports, name, act, body.seconds ?? PAUSE_SECONDS)
  const { finish, deadlineMs } = body
  return ask(ports.node, name, act, { finish: finish ?? false, ...(deadlineMs === undefined ? {} : { deadlineMs }) })
}

function supervise(ports: AdminRoutesPorts, name: NodeName, act: SupervisedAct, seconds: number): Outcome {
  const { supervisor, node } = ports
  if (!supervisor) return { refusal: refuse('not-allowed', { detail: 'This node was not started by `holdfast up`.' }) }
  const known = node.members().some((member) => member.node === name && stateOf(member) !== 'dead')
  if (!known) return { refusal: refuse('unknown-node') }
  supervisor.act(name, act, seconds)
  return { answer: null }
}

function isSupervised(act: NodeAct): act is SupervisedAct {
  return act === 'kill' || act === 'pause' || act === 'restart'
}

type Outcome = { readonly answer: unknown } | { readonly refusal: Refusal }

/** A refusal that is not definite may have been carried out. */
function performed(outcome: Outcome): Performed<Outcome> {
  if (!isFailure(outcome)) return { outcome, happened: 'done' }
  return { outcome, happened: REFUSALS[outcome.refusal.code].definite ? 'nothing' : 'unknown' }
}

function isFailure(outcome: Outcome): outcome is { readonly refusal: Refusal } {
  return 'refusal' in outcome
}

/** Asks a node; one that is not there and one that is silent are told apart. */
async function ask(
  node: NodeFacade,
  name: NodeName,
  question: string,
  body?: unknown,
  patienceMs?: number,
): Promise<Outcome> {
  if (!node.members().some((member) => member.node === name)) return { refusal: refuse('unknown-node') }
  try {
    return { answer: await node.inspect(name, question, body, patienceMs) }
  } catch (error) {
    const detail = error instanceof Error ? error.message : 'The node did not answer.'
    return { refusal: refuse('owner-unreachable', { retryAfterMs: 1000, detail }) }
  }
}

function limitIn(query: LimitQuery): number {
  return Math.min(Math.max(1, Number(query.limit ?? 200)), DECISIONS_MAX)
}
