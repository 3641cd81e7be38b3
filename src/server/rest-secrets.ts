import type { FastifyInstance } from 'fastify'
import { type Refusal, refuse } from '../base/refusals.ts'
import type { SecretVault, VaultSealed } from '../config/secret-vault-node.ts'
import type { Performed } from '../ops/audit-entry.ts'
import type { AuditTrail } from '../ops/audit-trail.ts'
import type { SecretActAnswer, SecretNodeRow, SecretsAnswer } from '../protocol/audit-answers.ts'
import { SecretBody, SecretParams, SecretRotateBody } from '../protocol/secret-schema.ts'
import { actorOf } from './audit-actor.ts'
import { stateOf } from './cluster-view.ts'
import { answerRefusal } from './http-answers.ts'
import type { NodeFacade } from './node-facade.ts'

export interface SecretRoutesPorts {
  readonly node: NodeFacade
  readonly secrets: SecretVault
  readonly audit: AuditTrail
}

// Sets a text of the longest kind, whatever the limit of other requests is.
const BODY_BYTES_MAX = 256 * 1024
// Deriving keys takes a node a moment, and longer where it is busy.
const NODE_PATIENCE_MS = 3000
const STATES: readonly SecretNodeRow['masterKey'][] = ['newest', 'earlier', 'none', 'no-secrets']

/** Secrets are set, replaced, removed and sealed anew. No route answers what one is. */
export function secretRoutes(app: FastifyInstance, { node, secrets, audit }: SecretRoutesPorts): void {
  const admin = { config: { access: 'admin' as const } }

  app.get('/api/secrets', { config: { access: 'audit' } }, async (): Promise<SecretsAnswer> => {
    const [list, nodes] = await Promise.all([secrets.list(), nodesOf(node)])
    return { ...list, nodes }
  })

  app.post<{ Params: SecretParams; Body: SecretBody }>(
    '/api/secrets/:name',
    { ...admin, bodyLimit: BODY_BYTES_MAX, schema: { params: SecretParams, body: SecretBody } },
    async (request, reply) => {
      const { name } = request.params
      const act = { act: 'secret.set', on: `secret/${name}` } as const
      const answer = await audit.act(actorOf(request), act, async () => {
        const outcome = await secrets.set(name, request.body.text)
        if (outcome.kind === 'sealed') return sealed(outcome)
        return done(`The secret ${name} is set.`, { set: outcome.existed }, { set: true })
      })
      return 'kind' in answer ? answerRefusal(reply, answer) : answer
    },
  )

  app.post<{ Params: SecretParams }>(
    '/api/secrets/:name/remove',
    { ...admin, schema: { params: SecretParams } },
    async (request, reply) => {
      const { name } = request.params
      const act = { act: 'secret.remove', on: `secret/${name}` } as const
      const answer = await audit.act(actorOf(request), act, async () => {
        const outcome = await secrets.remove(name)
        if (outcome === 'unknown') return nothing(refuse('unknown-secret'))
        return done(`The secret ${name} is removed.`, { set: true }, { set: false })
      })
      return 'kind' in answer ? answerRefusal(reply, answer) : answer
    },
  )

  app.post<{ Body: SecretRotateBody | undefined }>(
    '/api/secret-keys/rotate',
    { ...admin, schema: { body: SecretRotateBody } },
    async (request, reply) => {
      const retire = request.body?.retire ?? false
      const act = { act: 'secret.rotate', on: 'secrets' } as const
      const answer = await audit.act(actorOf(request), act, async () => {
        const shutOut = retire ? (await nodesOf(node)).find(({ masterKey }) => !mayRetire(masterKey)) : undefined
        if (shutOut) return nothing(refuse('secrets-sealed', { detail: shutOutSentence(shutOut) }))
        const before = (await secrets.list()).dataKey
        const outcome = await secrets.rotate({ retire })
        if (outcome.kind === 'sealed') return sealed(outcome)
        const after = (await secrets.list()).dataKey
        const sentence = retire
          ? 'All secrets are sealed by a new data key, which only the present master key opens.'
          : 'All secrets are sealed by a new data key.'
        return done(sentence, { dataKey: before }, { dataKey: after })
      })
      return 'kind' in answer ? answerRefusal(reply, answer) : answer
    },
  )
}

/** What each living node says of its master key. */
async function nodesOf(node: NodeFacade): Promise<readonly SecretNodeRow[]> {
  const living = node.members().filter((member) => stateOf(member) !== 'dead')
  const rows = living.map(async ({ node: name }): Promise<SecretNodeRow> => {
    const answer = await node.inspect(name, 'master-key', {}, NODE_PATIENCE_MS).catch(() => undefined)
    return { node: name, masterKey: STATES.find((state) => state === answer) ?? 'silent' }
  })
  return (await Promise.all(rows)).sort((one, other) => (one.node < other.node ? -1 : 1))
}

/** Whether a node goes on reading when the earlier master keys open nothing any more. */
function mayRetire(masterKey: SecretNodeRow['masterKey']): boolean {
  return masterKey === 'newest' || masterKey === 'no-secrets'
}

function shutOutSentence({ node, masterKey }: SecretNodeRow): string {
  return masterKey === 'silent'
    ? `${node} does not say whether it has the newest master key; wait for it, or end it.`
    : `${node} has not the newest master key and would be shut out; give it that one, or end it.`
}

type Outcome = Performed<SecretActAnswer | Refusal>

function done(sentence: string, before: object, after: object): Outcome {
  return { outcome: { sentence }, happened: 'done', before, after }
}

function nothing(refusal: Refusal): Outcome {
  return { outcome: refusal, happened: 'nothing' }
}

function sealed({ reason }: VaultSealed): Outcome {
  return nothing(refuse('secrets-sealed', { detail: reason }))
}
