import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { refuse } from '../base/refusals.ts'
import { documentText } from '../config/document-text.ts'
import { CLUSTER_SETTINGS } from '../config/kinds/settings-document.ts'
import type { AuditTrail } from '../ops/audit-trail.ts'
import type { ReachAnswer, SetUpActAnswer, SetUpAnswer } from '../protocol/set-up-answers.ts'
import {
  ReachParams,
  SetUpAddressBody,
  SetUpCertificateBody,
  SetUpMailBody,
  SetUpSkipBody,
} from '../protocol/set-up-schema.ts'
import { actorOf } from './audit-actor.ts'
import { auditedChange } from './audited-change.ts'
import { CertificateDesk, type CertificateDeskPorts } from './certificate-desk.ts'
import { type ChangeOutcome, ConfigDesk, type ConfigDeskPorts } from './config-desk.ts'
import { answerRefusal } from './http-answers.ts'
import { answerChange } from './rest-config.ts'
import {
  type ChangeSettings,
  type KeepPassword,
  MAIL_PASSWORD,
  SetUpDesk,
  type SetUpDeskPorts,
  type SetUpOutcome,
  type SetUpSurroundings,
} from './set-up-desk.ts'

export interface SetUpRoutesPorts extends Pick<SetUpDeskPorts, 'clock' | 'random' | 'node' | 'accounts' | 'secrets'> {
  readonly setUp: SetUpSurroundings
  readonly config: ConfigDeskPorts
  readonly certificates: CertificateDeskPorts
  readonly audit: AuditTrail
}

// A chain with a large key: still far below this.
const BODY_BYTES_MAX = 256 * 1024
const CHANGE_ATTEMPTS_MAX = 5

/**
 * The set-up: how each step stands, and the steps themselves. Until there is an account the set-up link opens these
 * routes, afterwards who may administer. (The first account is made at the door, `/api/session/set-up`.)
 */
export function setUpRoutes(app: FastifyInstance, ports: SetUpRoutesPorts): void {
  const { setUp, config, audit } = ports
  const { keeper } = config
  const changes = new ConfigDesk(config)
  const desk = new SetUpDesk({
    ...ports,
    surroundings: setUp,
    certificates: new CertificateDesk(ports.certificates),
    configuration: () => keeper.configuration(),
    refreshConfiguration: () => keeper.refresh(),
  })
  const open = { config: { access: 'set-up' as const }, bodyLimit: BODY_BYTES_MAX }

  app.get('/api/set-up', open, async (_request, reply): Promise<SetUpAnswer> => {
    reply.header('cache-control', 'no-store')
    return desk.answer()
  })

  // Whichever node is asked: all of them are the cluster.
  app.get<{ Params: ReachParams }>(
    '/api/set-up/reach/:nonce',
    { config: { access: 'public' }, schema: { params: ReachParams } },
    async (request, reply): Promise<ReachAnswer> => {
      reply.header('cache-control', 'no-store')
      return { cluster: setUp.cluster, nonce: request.params.nonce }
    },
  )

  app.post<{ Body: SetUpAddressBody }>(
    '/api/set-up/address',
    { ...open, schema: { body: SetUpAddressBody } },
    async (request, reply) => answerOutcome(reply, await desk.takeAddress(request.body, changeBy(request))),
  )

  app.post<{ Body: SetUpCertificateBody }>(
    '/api/set-up/certificate',
    { ...open, schema: { body: SetUpCertificateBody } },
    async (request, reply) => {
      const { body } = request
      const actor = actorOf(request)
      const { act, after } = certificateAct(body)
      const outcome = await audit.act(actor, { act, on: 'certificate', ...(after && { after }) }, async () => {
        const taken = await desk.takeCertificate(body, actor.name)
        const happened = 'changed' in taken && taken.changed && !body.dryRun
        return { outcome: taken, happened: happened ? 'done' : 'nothing' }
      })
      return answerOutcome(reply, outcome)
    },
  )

  app.post<{ Body: SetUpMailBody }>(
    '/api/set-up/mail',
    { ...open, schema: { body: SetUpMailBody } },
    async (request, reply) => {
      const { server, from, to, dryRun } = request.body
      const told = { act: 'set-up.mail', on: 'set-up/mail', after: { server, from, to } } as const
      const outcome = await audit.act(actorOf(request), told, async () => {
        const taken = await desk.takeMail(request.body, changeBy(request), keepPassword(request))
        return { outcome: taken, happened: 'changed' in taken && taken.changed && !dryRun ? 'done' : 'nothing' }
      })
      return answerOutcome(reply, outcome)
    },
  )

  app.post<{ Body: SetUpSkipBody }>(
    '/api/set-up/skip',
    { ...open, schema: { body: SetUpSkipBody } },
    async (request, reply) => {
      const { step, dryRun = false } = request.body
      const answer = await audit.act(actorOf(request), { act: 'set-up.skip', on: `set-up/${step}` }, async () => {
        const outcome = await desk.skip(step, dryRun)
        return { outcome, happened: outcome.changed && !dryRun ? 'done' : 'nothing' }
      })
      return answerOutcome(reply, answer)
    },
  )

  function changeBy(request: FastifyRequest): ChangeSettings {
    const { name: author } = actorOf(request)
    const attempt = async (fields: Readonly<Record<string, string>>, dryRun: boolean): Promise<ChangeOutcome> => {
      // What others changed meanwhile, here or on another node, stays.
      await keeper.refresh()
      const { value, revision: expect = 0 } = keeper.configuration().document(CLUSTER_SETTINGS.kind) ?? {}
      const wanted = { name: CLUSTER_SETTINGS.kind, text: documentText({ ...value, ...fields }), expect }
      const asked = { key: ports.random.id(), reason: 'Set-up', dryRun, author }
      const change = () => changes.change([wanted], asked)
      return dryRun ? change() : auditedChange(audit, request, { act: 'config.change', asked }, change)
    }
    return async (fields, dryRun) => {
      for (let left = CHANGE_ATTEMPTS_MAX; ; left--) {
        const outcome = await attempt(fields, dryRun)
        if (outcome.kind !== 'conflict' || left === 1) return outcome
      }
    }
  }

  function keepPassword(request: FastifyRequest): KeepPassword {
    const act = { act: 'secret.set', on: `secret/${MAIL_PASSWORD}` } as const
    return (password) =>
      audit.act(actorOf(request), act, async () => {
        const set = await ports.secrets.set(MAIL_PASSWORD, password)
        if (set.kind === 'sealed')
          return { outcome: refuse('secrets-sealed', { detail: set.reason }), happened: 'nothing' }
        return { outcome: undefined, happened: 'done', before: { set: set.existed }, after: { set: true } }
      })
  }
}

function certificateAct({ issue, balancer }: SetUpCertificateBody) {
  if (balancer) return { act: 'set-up.balancer' } as const
  if (issue) return { act: 'certificate.issue', after: issue } as const
  return { act: 'certificate.import', after: undefined } as const
}

function answerOutcome(reply: FastifyReply, outcome: SetUpOutcome): FastifyReply {
  if ('changed' in outcome) {
    const answer: SetUpActAnswer = outcome
    return reply.header('cache-control', 'no-store').send(answer)
  }
  return outcome.kind === 'refused' ? answerRefusal(reply, outcome) : answerChange(reply, outcome)
}
