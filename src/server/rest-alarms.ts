import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Clock } from '../base/clock.ts'
import { type Refusal, refuse } from '../base/refusals.ts'
import type { ConfigKeeper } from '../config/config-keeper.ts'
import { ALARMS, alarmKind } from '../ops/alarm-catalogue.ts'
import { alarmDeliveries, alarmNotices } from '../ops/alarm-notices.ts'
import type { AlarmWatch } from '../ops/alarm-watch.ts'
import type { AuditedAct, Performed } from '../ops/audit-entry.ts'
import type { AuditTrail } from '../ops/audit-trail.ts'
import type {
  AlarmActAnswer,
  AlarmAnswer,
  AlarmCatalogueAnswer,
  AlarmRow,
  AlarmsAnswer,
} from '../protocol/alarm-answers.ts'
import { AcknowledgeBody, AlarmParams, CloseAlarmBody, SilenceBody, SilenceParams } from '../protocol/alarm-schema.ts'
import { LimitQuery } from '../protocol/rest-schema.ts'
import type { AlarmEpisode, AlarmStore } from '../store/alarm-store.ts'
import { StoreUnavailable } from '../store/log-store.ts'
import type { OutboxStore } from '../store/outbox-store.ts'
import { actorOf } from './audit-actor.ts'
import { answerRefusal } from './http-answers.ts'

export interface AlarmRoutesPorts {
  readonly alarms: AlarmStore
  /** What this node sees by itself. */
  readonly watch: Pick<AlarmWatch, 'known'>
  readonly config: { readonly keeper: Pick<ConfigKeeper, 'configuration'> }
  /** Who is told. */
  readonly outbox: Pick<OutboxStore, 'posted'>
  readonly clock: Clock
  readonly audit: Pick<AuditTrail, 'act'>
}

const OVER = 50
const OVER_MAX = 500
// One an address, of the beginning and of the end; so many addresses nobody names.
const DELIVERIES_MAX = 200

/** Alarms for consoles and commands: what is open, what was, who takes care, what is silenced. */
export function alarmRoutes(app: FastifyInstance, ports: AlarmRoutesPorts): void {
  const { alarms, watch, config, clock } = ports
  const read = { config: { access: 'audit' as const } }
  const admin = { config: { access: 'admin' as const } }
  const act = (request: FastifyRequest, audited: AuditedAct, perform: () => Promise<Outcome>) =>
    ports.audit.act(actorOf(request), audited, perform)

  app.get<{ Querystring: LimitQuery }>(
    '/api/alarms',
    { ...read, schema: { querystring: LimitQuery } },
    async ({ query }): Promise<AlarmsAnswer> => {
      const limit = Math.min(Math.max(1, Number(query.limit ?? OVER)), OVER_MAX)
      const waiting = watch.known().waiting.map((each) => ({ ...each, title: titleOf(each) }))
      try {
        const [open, all, silences] = await Promise.all([alarms.open(), alarms.episodes(limit), alarms.silences()])
        const over = all.filter(({ ended }) => ended).map(rowOf)
        return { fresh: true, open: open.map(rowOf), waiting, over, silences }
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error
        return { fresh: false, open: watch.known().open.map(rowOf), waiting, over: [], silences: [] }
      }
    },
  )

  app.get('/api/alarms/catalogue', read, async (): Promise<AlarmCatalogueAnswer> => {
    const rows = Object.entries(ALARMS).map(([code, { severity, title, over, about, meaning, remedy }]) => {
      return { code, severity, title, over, about, meaning, remedy }
    })
    return { alarms: rows }
  })

  app.get<{ Params: AlarmParams }>(
    '/api/alarms/:episode',
    { ...read, schema: { params: AlarmParams } },
    async (request, reply) => {
      const episode = await alarms.episode(request.params.episode)
      if (!episode) return answerRefusal(reply, refuse('unknown-alarm'))
      const { meaning = '', remedy = '' } = alarmKind(episode.code) ?? {}
      const deliveries = alarmDeliveries(episode.id, await ports.outbox.posted(`alarm:${episode.id}:`, DELIVERIES_MAX))
      const answer: AlarmAnswer = { ...rowOf(episode), meaning, remedy, deliveries }
      return answer
    },
  )

  app.post<{ Params: AlarmParams; Body: AcknowledgeBody | undefined }>(
    '/api/alarms/:episode/acknowledge',
    { ...admin, schema: { params: AlarmParams, body: AcknowledgeBody } },
    async (request, reply) => {
      const { episode: id } = request.params
      const note = request.body?.note ?? ''
      const audited = { act: 'alarm.acknowledge', on: `alarm/${id}`, after: { note } } as const
      const answer = await act(request, audited, async () => {
        if (!(await alarms.acknowledge(id, actorOf(request).name, note))) return nothing()
        const by = (await alarms.episode(id))?.acknowledged?.by ?? actorOf(request).name
        return done(`${by} takes care of it.`)
      })
      return 'kind' in answer ? answerRefusal(reply, answer) : answer
    },
  )

  app.post<{ Params: AlarmParams; Body: CloseAlarmBody }>(
    '/api/alarms/:episode/close',
    { ...admin, schema: { params: AlarmParams, body: CloseAlarmBody } },
    async (request, reply) => {
      const { episode: id } = request.params
      const by = actorOf(request).name
      const audited = { act: 'alarm.close', on: `alarm/${id}`, reason: request.body.reason } as const
      const answer = await act(request, audited, async () => {
        const episode = await alarms.episode(id)
        if (!episode || episode.ended) return nothing()
        const at = Math.max(Math.round(clock.wallMs()), episode.beganAt)
        const ended = { ...episode, ended: { at, clearedAt: at, by } }
        const notices = alarmNotices(ended, 'cleared', config.keeper.configuration())
        const closed = await alarms.clear(id, { at, by, affected: episode.affected }, notices)
        return closed ? done('It is over; if it lasts still it is raised again.') : nothing()
      })
      return 'kind' in answer ? answerRefusal(reply, answer) : answer
    },
  )

  app.post<{ Body: SilenceBody }>(
    '/api/alarms/silences',
    { ...admin, schema: { body: SilenceBody } },
    async (request, reply) => {
      const { key, code = '', subject = '', forMs, reason } = request.body
      const by = actorOf(request).name
      const audited = { act: 'alarm.silence', on: 'alarms', reason, key, after: { code, subject, forMs } } as const
      const answer = await act(request, audited, async () => {
        await alarms.silence({ id: key, code, subject, forMs, by, reason })
        return done(`Nobody is told of ${code || 'any alarm'}${subject && ` of ${subject}`} that begins until then.`)
      })
      return 'kind' in answer ? answerRefusal(reply, answer) : answer
    },
  )

  app.post<{ Params: SilenceParams }>(
    '/api/alarms/silences/:silence/end',
    { ...admin, schema: { params: SilenceParams } },
    async (request, reply) => {
      const { silence } = request.params
      const answer = await act(request, { act: 'alarm.unsilence', on: `silence/${silence}` }, async () =>
        (await alarms.unsilence(silence)) ? done('The silence is over; what is open is told now.') : nothing(),
      )
      return 'kind' in answer ? answerRefusal(reply, answer) : answer
    },
  )
}

type Outcome = Performed<AlarmActAnswer | Refusal>

function done(sentence: string): Outcome {
  return { outcome: { sentence }, happened: 'done' }
}

function nothing(): Outcome {
  return { outcome: refuse('unknown-alarm'), happened: 'nothing' }
}

function titleOf({ code }: { readonly code: string }, over = false): string {
  const kind = alarmKind(code)
  return (over ? kind?.over : kind?.title) ?? code
}

function rowOf(episode: AlarmEpisode): AlarmRow {
  const { id, code, subject, severity, sentence, beganAt, raisedBy, affected, told, acknowledged, ended } = episode
  return {
    ...{ id, code, subject, severity, sentence, beganAt, raisedBy, affected, told },
    title: titleOf(episode, ended !== undefined),
    ...(acknowledged && { acknowledged }),
    ...(ended && { ended: { at: ended.at, by: ended.by, durationMs: ended.at - beganAt } }),
  }
}
