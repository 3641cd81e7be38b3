import assert from 'node:assert/strict'
import test from 'node:test'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { memoryMetrics } from '../base/metrics.ts'
import { Configuration } from '../config/configuration.ts'
import type { AlarmStore } from '../store/alarm-store.ts'
import { IndefiniteOutcome, StoreUnavailable } from '../store/log-store.ts'
import { MemoryAlarmStore } from '../store/memory-alarm-store.ts'
import { MemoryOutboxStore } from '../store/memory-outbox-store.ts'
import type { Sight } from './alarm-decision.ts'
import { AlarmWatch } from './alarm-watch.ts'

const SETTINGS = { alarmMails: 'ops@example.com, b@example.com', alarmWebhook: 'https://hook.example/' }

/** Nodes that watch the same condition on one store, on a clock that the test drives. */
class Stage {
  readonly clock = new ManualClock()
  readonly outbox = new MemoryOutboxStore(() => this.clock.wallMs())
  readonly store = new MemoryAlarmStore(() => this.clock.wallMs(), this.outbox)
  readonly watches: AlarmWatch[] = []
  readonly #away = new Set<string>()
  #fault: ((call: () => Promise<unknown>, node: string) => Promise<unknown>) | undefined
  sights: Sight[] = []
  #ids = 0

  add(node: string): AlarmWatch {
    const configuration = new Configuration(1, [{ name: 'settings', revision: 1, value: SETTINGS }])
    const watch = new AlarmWatch({
      clock: this.clock,
      random: { fraction: () => 0, id: () => `episode-${++this.#ids}` },
      log: silentLog,
      metrics: memoryMetrics(),
      store: this.#storeOf(node),
      node,
      storeNow: () => this.clock.wallMs(),
      observers: [() => this.sights],
      configuration: () => configuration,
    })
    this.watches.push(watch)
    watch.start()
    return watch
  }

  see(code: string, present: boolean, affected = 0): void {
    this.sights = [{ code, subject: 'cluster', present, sentence: 'It is so.', affected }]
  }

  storeIs(state: 'there' | 'away', node: string): void {
    if (state === 'away') this.#away.add(node)
    else this.#away.delete(node)
  }

  /** Puts something around every call to the store. */
  around(fault: (call: () => Promise<unknown>, node: string) => Promise<unknown>): void {
    this.#fault = fault
  }

  async seconds(count: number): Promise<void> {
    await this.clock.advance(count * 1000)
  }

  /** Whatever is to be carried out, by kind and state. */
  async posted(): Promise<readonly string[]> {
    const query = { by: '0000000000001', kinds: ['mail', 'webhook'], limit: 1000, leaseMs: 1 }
    const seen: string[] = []
    for (let items = await this.outbox.take(query); items.length > 0; items = await this.outbox.take(query))
      for (const item of items) {
        const body = JSON.parse(item.body) as { state?: string; facts?: { state: string } }
        seen.push(`${item.kind} ${body.state ?? body.facts?.state}`)
        await this.outbox.settle(item)
      }
    return seen.sort()
  }

  async stop(): Promise<void> {
    await Promise.all(this.watches.map((watch) => watch.stop()))
  }

  #storeOf(node: string): AlarmStore {
    return new Proxy(this.store, {
      get: (store, method) => {
        const found: unknown = Reflect.get(store, method)
        if (typeof found !== 'function') return found
        return (...parameters: unknown[]): Promise<unknown> => {
          if (this.#away.has(node)) return Promise.reject(new StoreUnavailable('no route to the store'))
          const call = () => Reflect.apply(found, store, parameters) as Promise<unknown>
          return this.#fault ? this.#fault(call, node) : call()
        }
      },
    })
  }
}

const RAISED = ['mail raised', 'mail raised', 'webhook raised']
const CLEARED = ['mail cleared', 'mail cleared', 'webhook cleared']

test('[OP42] of five nodes that see the same one tells that it began, and one that it is over', async () => {
  const stage = new Stage()
  for (const node of ['n1', 'n2', 'n3', 'n4', 'n5']) stage.add(node)
  stage.see('store-unavailable', true, 12)
  await stage.seconds(10)
  assert.deepEqual(await stage.posted(), RAISED)
  stage.see('store-unavailable', false)
  await stage.seconds(60)
  assert.deepEqual(await stage.posted(), CLEARED)
  const [episode, ...more] = await stage.store.episodes(10)
  assert.deepEqual([more.length, episode?.affected, episode?.code], [0, 12, 'store-unavailable'])
  assert.ok(episode?.ended && Math.abs(episode.ended.at - episode.beganAt - 10_000) <= 2000)
  await stage.stop()
})

test('[OP42] a reply that is lost, at any call, makes neither none nor two', async () => {
  for (let lost = 1; lost <= 40; lost++)
    for (const before of [true, false]) {
      const stage = new Stage()
      let calls = 0
      stage.around(async (call) => {
        if (++calls !== lost) return call()
        if (!before) await call()
        throw new IndefiniteOutcome('the reply was lost')
      })
      for (const node of ['n1', 'n2']) stage.add(node)
      stage.see('store-unavailable', true)
      await stage.seconds(14)
      stage.see('store-unavailable', false)
      await stage.seconds(40)
      assert.deepEqual(
        await stage.posted(),
        [...CLEARED.slice(0, 2), ...RAISED.slice(0, 2), 'webhook cleared', 'webhook raised'],
        `call ${lost}`,
      )
      await stage.stop()
    }
})

test('[OP42] a node that is killed at any instant leaves the rest to the others: neither none nor two', async () => {
  for (let killed = 1; killed <= 40; killed++)
    for (const before of [true, false]) {
      const stage = new Stage()
      let calls = 0
      stage.around(async (call, node) => {
        if (++calls !== killed) return call()
        if (!before) await call()
        void stage.watches[node === 'n1' ? 0 : 1]?.stop()
        return new Promise(() => {})
      })
      for (const node of ['n1', 'n2']) stage.add(node)
      stage.see('store-unavailable', true)
      await stage.seconds(20)
      stage.see('store-unavailable', false)
      await stage.seconds(60)
      const posted = await stage.posted()
      assert.deepEqual(
        posted.filter((line) => line.startsWith('webhook')),
        ['webhook cleared', 'webhook raised'],
        `call ${killed}`,
      )
      assert.equal(posted.length, 6)
      const stopped = stage.stop()
      await stage.seconds(10)
      await stopped
    }
})

test('[OP41] an absence of the store is told when it is over, once, with its true beginning and its duration', async () => {
  const stage = new Stage()
  const nodes = ['n1', 'n2', 'n3']
  const watches = nodes.map((node) => stage.add(node))
  await stage.seconds(10)
  const beganAt = stage.clock.wallMs()
  for (const node of nodes) stage.storeIs('away', node)
  stage.see('store-unavailable', true, 40)
  await stage.seconds(120)
  assert.deepEqual(
    watches.map((watch) => watch.known().waiting.length),
    [1, 1, 1],
  )
  assert.equal(watches[0]?.known().fresh, false)
  stage.see('store-unavailable', false)
  // One after the other reaches it again, the last one when all is over for the first.
  for (const node of nodes) {
    stage.storeIs('there', node)
    await stage.seconds(30)
  }
  assert.deepEqual((await stage.posted()).length, 6)
  const [episode, ...more] = await stage.store.episodes(10)
  assert.equal(more.length, 0)
  assert.ok(episode?.ended)
  assert.ok(Math.abs(episode.beganAt - beganAt) <= 2000 && Math.abs(episode.ended.at - beganAt - 120_000) <= 4000)
  assert.equal(episode.affected, 40)
  assert.deepEqual(
    watches.map((watch) => watch.known().waiting.length),
    [0, 0, 0],
  )
  await stage.stop()
})

test('[OP44] what is silenced is recorded and told to nobody; what outlasts its silence is told then', async () => {
  const stage = new Stage()
  for (const node of ['n1', 'n2']) stage.add(node)
  await stage.store.silence({ id: 's', code: '', subject: '', forMs: 60_000, by: 'ada', reason: 'new disks' })
  stage.see('dead-letters', true)
  await stage.seconds(30)
  assert.deepEqual(await stage.posted(), [])
  assert.equal((await stage.store.open()).length, 1)
  await stage.seconds(40)
  assert.deepEqual(await stage.posted(), RAISED)
  stage.see('dead-letters', false)
  await stage.seconds(120)
  assert.deepEqual(await stage.posted(), CLEARED)
  await stage.stop()
})

test('[OP40] an observer that fails says nothing, and the others are heard', async () => {
  const stage = new Stage()
  const watch = new AlarmWatch({
    clock: stage.clock,
    random: { fraction: () => 0, id: () => 'one' },
    log: silentLog,
    metrics: memoryMetrics(),
    store: stage.store,
    node: 'n1',
    storeNow: () => stage.clock.wallMs(),
    observers: [
      () => Promise.reject(new Error('no')),
      () => {
        throw new Error('no')
      },
      () => [{ code: 'dead-letters', subject: 'cluster', present: true, sentence: '3 dead letters.', affected: 0 }],
      () => [{ code: 'of-another-version', subject: 'x', present: true, sentence: '', affected: 0 }],
    ],
    configuration: () => new Configuration(0),
  })
  await watch.look()
  assert.deepEqual(
    (await stage.store.open()).map(({ sentence }) => sentence),
    ['3 dead letters.'],
  )
  assert.deepEqual(await stage.posted(), [], 'nobody is named in the configuration')
})

test('[OP40] an observer that hangs, and a store that does, keep nothing else from being looked at', async () => {
  const stage = new Stage()
  const metrics = memoryMetrics()
  let asked = 0
  const watch = new AlarmWatch({
    clock: stage.clock,
    random: { fraction: () => 0, id: () => 'one' },
    log: silentLog,
    metrics,
    store: new Proxy(stage.store, {
      get: (store, method) => (method === 'open' ? () => new Promise(() => {}) : Reflect.get(store, method)),
    }),
    node: 'n1',
    storeNow: () => stage.clock.wallMs(),
    observers: [
      () => {
        asked += 1
        return new Promise(() => {})
      },
      () => [{ code: 'store-unavailable', subject: 'cluster', present: true, sentence: 'It is away.', affected: 0 }],
    ],
    configuration: () => new Configuration(0),
  })
  watch.start()
  await stage.seconds(10)
  assert.deepEqual([watch.known().fresh, watch.known().waiting.length, asked], [false, 1, 1])
  assert.equal(metrics.read().alarms_waiting, 1)
  const stopped = watch.stop()
  await stage.seconds(5)
  await stopped
})
