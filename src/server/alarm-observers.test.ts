import assert from 'node:assert/strict'
import test from 'node:test'
import { pause } from '../base/clock.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { memoryMetrics } from '../base/metrics.ts'
import { Configuration } from '../config/configuration.ts'
import type { Sight } from '../ops/alarm-decision.ts'
import type { Observer } from '../ops/alarm-watch.ts'
import type { AlarmEpisode } from '../store/alarm-store.ts'
import { StoreUnavailable } from '../store/log-store.ts'
import * as observers from './alarm-observers.ts'
import { clusterStage } from './cluster-stage.ts'
import { memberRow, StageNode } from './http-stage.ts'

const row = (name: string, more: object = {}) => ({ ...memberRow(name, ['chat']), ...more })
const DEAD = { tombstoned: true, beatAgeMs: 1000 }

/** `code subject`, with `not` before what is absent. */
async function seen(observe: Observer, open: readonly AlarmEpisode[] = []): Promise<readonly string[]> {
  const sights: readonly Sight[] = await observe(open)
  return sights.map(({ code, subject, present }) => `${present ? '' : 'not '}${code} ${subject}`)
}

test('[SV81] a node is lost when its last run is dead, unless it was drained; one that is silent is judged later', async () => {
  const node = new StageNode()
  node.members_ = [row('e1'), row('n1'), row('n2', { ...DEAD, owned: 7 }), row('n3', { ...DEAD, mode: 'draining' })]
  node.members_.push(row('n4', { beatAgeMs: 900 }), row('n5', { beatAgeMs: 60_000 }))
  assert.deepEqual(await seen(observers.lostNodes(node)), [
    ...['not node-lost e1', 'not node-lost n1', 'node-lost n2', 'not node-lost n3', 'node-lost n5'],
  ])
  const [, , lost] = await observers.lostNodes(node)([])
  assert.deepEqual([lost?.affected, lost?.sentence], [7, 'n2 is dead; 7 conversations went to other nodes.'])
  node.members_ = [row('n2', { ...DEAD, incarnation: 'old' }), row('n2', { beatAgeMs: 100, incarnation: 'new' })]
  assert.deepEqual(await seen(observers.lostNodes(node)), ['not node-lost n2'], 'it was started again')
})

test('[SV81] three deaths of nodes with conversations within five minutes are a storm', async () => {
  const [clock, node] = [new ManualClock(), new StageNode()]
  const observe = observers.adoptionStorm(clock, node)
  const dies = (incarnation: string) => {
    node.members_ = [row('n1'), row('n2', { ...DEAD, incarnation, owned: 5 })]
  }
  dies('first')
  assert.deepEqual(await seen(observe), ['not adoption-storm cluster'])
  await clock.advance(60_000)
  dies('second')
  assert.deepEqual(await seen(observe), ['not adoption-storm cluster'])
  await clock.advance(60_000)
  dies('third')
  const [storm] = await observe([])
  assert.deepEqual([storm?.present, storm?.affected], [true, 15])
  await clock.advance(200_000)
  assert.deepEqual(await seen(observe), ['not adoption-storm cluster'], 'the first one is long ago')
})

test('[SV81] the store is away for a node that it does not answer or renew, and the metric says so', async () => {
  const [node, metrics] = [new StageNode(), memoryMetrics()]
  const observe = observers.storeAbsence(node, metrics)
  assert.deepEqual(await seen(observe), ['not store-unavailable cluster'])
  assert.equal(metrics.read().store_available, 1)
  node.lease = false
  assert.deepEqual(await seen(observe), ['store-unavailable cluster'])
  assert.equal(metrics.read().store_available, 0)
  node.lease = true
  node.store = 'unavailable'
  assert.deepEqual(await seen(observe), ['store-unavailable cluster'])
})

test('[SV81] a node drifts when it runs another digest than the stored one; who cannot tell judges nobody', async () => {
  const node = new StageNode()
  node.members_ = [row('n1'), row('n2'), row('n3')]
  node.inspect = async (name) => {
    if (name === 'n3') throw new Error('it does not answer')
    return { revision: 4, digest: name === 'n1' ? 'same' : 'other' }
  }
  const keeper = { refresh: async () => {}, configuration: () => new Configuration(4), digest: 'same' }
  const store = { configRevision: async () => 4 }
  const open = [{ code: 'configuration-drift', subject: 'n9' } as AlarmEpisode]
  assert.deepEqual(await seen(observers.configurationDrift(node, keeper, store), open), [
    ...['not configuration-drift n1', 'configuration-drift n2', 'not configuration-drift n9'],
  ])
  assert.deepEqual(await seen(observers.configurationDrift(node, keeper, { configRevision: async () => 5 })), [])
  const away = { configRevision: () => Promise.reject(new StoreUnavailable('no')) }
  await assert.rejects(seen(observers.configurationDrift(node, keeper, away)))
})

test('[SV81] disk, database, outbox, secrets and what was set apart are judged by what they are', async () => {
  const node = new StageNode()
  const gib = 1024 ** 3
  const disk = (freeBytes: number, totalBytes: number) =>
    seen(observers.fullDisk(node, async () => ({ freeBytes, totalBytes })))
  assert.deepEqual(await disk(0.9 * gib, 10 * gib), ['disk-nearly-full e1'])
  assert.deepEqual(await disk(4 * gib, 100 * gib), ['disk-nearly-full e1'])
  assert.deepEqual(await disk(6 * gib, 100 * gib), ['not disk-nearly-full e1'])

  const finding = (ok: boolean) => ({ name: 'fsync', ok, found: 'off', wanted: 'on', remedy: 'Set it on.' })
  assert.deepEqual(await seen(observers.unsafeDatabase(async () => [finding(true)])), ['not database-unsafe cluster'])
  const [unsafe] = await observers.unsafeDatabase(async () => [finding(false)])([])
  assert.equal(unsafe?.sentence, 'fsync is off. Set it on.')

  const outbox = (dead: number, oldestMs: number) =>
    seen(observers.outboxTrouble({ backlog: async () => ({ waiting: 3, dead, oldestMs }) }))
  assert.deepEqual(await outbox(0, 1000), ['not outbox-backlog cluster', 'not dead-letters cluster'])
  assert.deepEqual(await outbox(2, 700_000), ['outbox-backlog cluster', 'dead-letters cluster'])

  const damaged = [{ conversation: '0000000000001', reason: 'torn' }]
  assert.deepEqual(await seen(observers.conversationsSetApart({ damaged: async () => damaged })), [
    'conversations-set-apart cluster',
  ])

  const masterKey = (state: 'newest' | 'earlier' | 'none' | 'no-secrets') =>
    seen(observers.sealedSecrets(node, { masterKeyState: async () => state }))
  assert.deepEqual(await masterKey('none'), ['secrets-sealed e1'])
  for (const state of ['newest', 'earlier', 'no-secrets'] as const)
    assert.deepEqual(await masterKey(state), ['not secrets-sealed e1'])
})

test('what is looked at seldom says nothing in between', async () => {
  const clock = new ManualClock()
  const node = new StageNode()
  const observe = observers.seldom(clock, 10_000, observers.lostNodes(node))
  assert.equal((await seen(observe)).length, 2)
  await clock.advance(9000)
  assert.equal((await seen(observe)).length, 0)
  await clock.advance(1000)
  assert.equal((await seen(observe)).length, 2)
})

test('[SV81] a node that stops as soon as it was drained is not lost: its last beat says that it was meant', async () => {
  const stage = await clusterStage(2)
  const [leaving, other] = [stage.node('n1'), stage.node('n2')]
  stage.around('n1', 'beat', (call) => async (...parameters) => {
    await pause(stage.clock, 50)
    return call(...parameters)
  })
  const stopped = leaving.drain({ deadlineMs: 1000, finish: false }).then(() => leaving.stop())
  await stage.clock.advance(2000)
  await stopped
  const row = other.members().find(({ node }) => node === 'n1')
  assert.deepEqual([row?.tombstoned, row?.mode], [true, 'draining'])
  assert.ok((await seen(observers.lostNodes(other))).includes('not node-lost n1'))
})
