import assert from 'node:assert/strict'
import test from 'node:test'
import type { AlarmAnswer, AlarmCatalogueAnswer, AlarmsAnswer } from '../protocol/alarm-answers.ts'
import { type OutboxItem, StoreUnavailable } from '../store/log-store.ts'
import { type HttpStage, httpStage, staffToken } from './http-stage.ts'

const headers = { authorization: `Bearer ${staffToken('admin')}` }

async function get<Answer>({ app }: HttpStage, url: string): Promise<Answer> {
  const { statusCode, body } = await app.inject({ url, headers })
  assert.equal(statusCode, 200, body)
  return JSON.parse(body) as Answer
}

async function post({ app }: HttpStage, url: string, payload: object = {}) {
  const answer = await app.inject({ method: 'POST', url, headers, payload })
  return { status: answer.statusCode, answer: answer.json() as { code?: string; sentence?: string } }
}

async function raised(stage: HttpStage, id = 'one', items: readonly OutboxItem[] = []): Promise<void> {
  const place = { code: 'node-lost', subject: id === 'one' ? 'n2' : id, severity: 'critical', sentence: 'It is dead.' }
  await stage.alarms.raise({ id, ...place, beganAt: stage.clock.wallMs() - 5000, raisedBy: 'n1', affected: 7 }, items)
}

const actsOf = async ({ audit }: HttpStage) =>
  (await audit.auditRows(0, 100)).map(({ body }) => (JSON.parse(body) as { act: string }).act)

test('[SV82] an alarm is shown, acknowledged, and closed with its duration; each act is recorded', async () => {
  const stage = await httpStage()
  await raised(stage)
  const { open, over, fresh } = await get<AlarmsAnswer>(stage, '/api/alarms')
  assert.deepEqual([open.length, over.length, fresh, open[0]?.title], [1, 0, true, 'Node lost'])
  assert.match((await get<AlarmAnswer>(stage, '/api/alarms/one')).remedy, /alarm close/)

  assert.equal((await post(stage, '/api/alarms/one/acknowledge', { note: 'I look' })).status, 200)
  assert.deepEqual(
    (await get<AlarmAnswer>(stage, '/api/alarms/one')).acknowledged?.by,
    'Ada',
    'by name: the subject of an account is no word for people',
  )
  assert.equal((await post(stage, '/api/alarms/one/close', { reason: 'it is scrap' })).status, 200)
  const after = await get<AlarmsAnswer>(stage, '/api/alarms')
  assert.deepEqual([after.open.length, after.over[0]?.title, after.over[0]?.ended?.durationMs], [0, 'Node back', 5000])
  assert.deepEqual(await actsOf(stage), ['alarm.acknowledge', 'alarm.close'])
})

test('[SV82] what is not open is neither acknowledged nor closed, and leaves no record', async () => {
  const stage = await httpStage()
  for (const url of ['/api/alarms/none/acknowledge', '/api/alarms/none/close', '/api/alarms/silences/none/end']) {
    const { status, answer } = await post(stage, url, { reason: 'x' })
    assert.deepEqual([status, answer.code], [404, 'unknown-alarm'])
  }
  assert.equal((await stage.app.inject({ url: '/api/alarms/none', headers })).statusCode, 404)
  assert.deepEqual(await actsOf(stage), [])
})

test('[SV82] a silence has an end, is the same when it is sent again, and can be ended early', async () => {
  const stage = await httpStage()
  const silence = { key: 's1', code: 'node-lost', forMs: 3_600_000, reason: 'new disks' }
  for (let time = 0; time < 2; time++) assert.equal((await post(stage, '/api/alarms/silences', silence)).status, 200)
  const { silences } = await get<AlarmsAnswer>(stage, '/api/alarms')
  const until = stage.clock.wallMs() + 3_600_000
  assert.deepEqual(silences, [{ id: 's1', code: 'node-lost', subject: '', until, by: 'Ada', reason: 'new disks' }])
  for (const wrong of [
    { ...silence, forMs: undefined },
    { ...silence, forMs: 1 },
    { ...silence, reason: '' },
  ])
    assert.equal((await post(stage, '/api/alarms/silences', wrong)).status, 400)
  assert.equal((await post(stage, '/api/alarms/silences/s1/end')).status, 200)
  assert.deepEqual((await get<AlarmsAnswer>(stage, '/api/alarms')).silences, [])
  assert.deepEqual(await actsOf(stage), ['alarm.silence', 'alarm.unsilence'])
})

test('[SV82] while the database is away a node tells what it knows and what it could not store', async () => {
  const stage = await httpStage()
  stage.alarms.open = () => Promise.reject(new StoreUnavailable('no'))
  stage.waiting.push({ code: 'store-unavailable', subject: 'cluster', sentence: 'It does not answer.', beganAt: 1 })
  const answer = await get<AlarmsAnswer>(stage, '/api/alarms')
  assert.equal(answer.fresh, false)
  assert.deepEqual(
    answer.waiting.map(({ title }) => title),
    ['Store unavailable'],
  )
})

test('[SV82] the catalogue names every alarm with what to do', async () => {
  const { alarms } = await get<AlarmCatalogueAnswer>(await httpStage(), '/api/alarms/catalogue')
  assert.ok(alarms.length >= 13 && alarms.every(({ meaning, remedy }) => meaning.length > 20 && remedy.length > 10))
})

test('[SV162] with an alarm stands who was told of it, and how far that went', async () => {
  const stage = await httpStage()
  const item = (id: string) => ({ id, lane: id, kind: 'mail', body: '{}' })
  await raised(stage, 'oneself', [item('alarm:oneself:raised:webhook')])
  await raised(stage, 'one', [item('alarm:one:raised:webhook'), item('alarm:one:raised:mail:ops@example.com')])
  const { deliveries } = await get<AlarmAnswer>(stage, '/api/alarms/one')
  assert.deepEqual(deliveries, [
    { about: 'raised', by: 'mail', to: 'ops@example.com', state: 'waiting', attempts: 0, reason: '' },
    { about: 'raised', by: 'webhook', to: '', state: 'waiting', attempts: 0, reason: '' },
  ])
})
