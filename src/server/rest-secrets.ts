import type { FastifyInstance } from 'fastify'
import { type Refusal, refuse } from '../base/refusals.ts'
import type { SecretVault, VaultSealed } from '../config/secret-vault-node.ts'
import type { Performed } from '../ops/audit-entry.ts'
import type { AuditTrail } from '../ops/audit-trail.ts'
import type { SecretActAnswer, SecretsAnswer } from '../protocol/audit-answers.ts'
import { SecretBody, SecretParams, SecretRotateBody } from '../protocol/secret-schema.ts'
import { actorOf } from './audit-actor.ts'
import { answerRefusal } from './http-answers.ts'

export interface SecretRoutesPorts {
  readonly secrets: SecretVault
  readonly audit: AuditTrail
}

/** Secrets are set, replaced, removed and sealed anew. No route answers what one is. */
export function secretRoutes(app: FastifyInstance, { secrets, audit }: SecretRoutesPorts): void {
  const admin = { config: { access: 'admin' as const } }

  app.get('/api/secrets', { config: { access: 'audit' } }, (): Promise<SecretsAnswer> => secrets.list())

  app.post<{ Params: SecretParams; Body: SecretBody }>(
    '/api/secrets/:name',
    { ...admin, schema: { params: SecretParams, body: SecretBody } },
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
