import assert from 'node:assert/strict'
import test from 'node:test'
import { idFromBits } from '../base/ids.ts'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { memoryMetrics } from '../base/metrics.ts'
import { IndefiniteOutcome, type OutboxItem, StoreUnavailable } from '../store/log-store.ts'
import { MemoryOutboxStore } from '../store/memory-outbox-store.ts'
import type { OutboxStore } from '../store/outbox-store.ts'
import type { EffectOutcome } from './effect-decision.ts'
import { OUTBOX_DEFAULTS, OutboxDriver, type OutboxPorts, type OutboxSettings } from './outbox-driver.ts'

const DONE: EffectOutcome = { kind: 'done' }
const SETTINGS: OutboxSettings = { ...OUTBOX_DEFAULTS, leaseMs: 10_000, effectMsMax: 5000, underWayMax: 2 }

function item(id: string, lane = 'a'): OutboxItem {
  return { id, lane, kind: 'mail', body: `body of ${id}` }
}

/** A store, a clock, and whatever the drivers did. */
class Stage {
  readonly clock = new ManualClock()
  readonly store = new MemoryOutboxStore(() => this.clock.wallMs())
  readonly done: string[] = []
  readonly metrics = memoryMetrics()
  #made = 0n

  driver(effect: (id: string) => Promise<EffectOutcome>, more: Partial<OutboxPorts> = {}): OutboxDriver {
    const self = idFromBits(++this.#made)
    const ports: OutboxPorts = {
      clock: this.clock,
      random: { fraction: () => 0.5, id: () => 'x' },
      log: silentLog,
      metrics: this.metrics,
      store: this.store,
      self: () => self,
      effects: {
        mail: ({ id }) => {
          this.done.push(id)
          return effect(id)
        },
      },
      ...more,
    }
    const driver = new OutboxDriver(ports, SETTINGS)
    driver.start()
    return driver
  }
}

test('[OP10] a lane is carried out in order, one at a time, lanes beside each other, no more than allowed', async () => {
  const stage = new Stage()
  let [underWay, most] = [0, 0]
  const driver = stage.driver(async () => {
    underWay += 1
    most = Math.max(most, underWay)
    await new Promise<void>((resolve) => void stage.clock.after(10, resolve))
    underWay -= 1
    return DONE
  })
  await stage.store.post([item('a1'), item('a2'), item('b1', 'b'), item('c1', 'c'), item('a3')])
  await stage.clock.advance(3000)
  assert.deepEqual(
    stage.done.filter((id) => id.startsWith('a')),
    ['a1', 'a2', 'a3'],
  )
  assert.deepEqual([stage.done.length, most], [5, 2])
  assert.equal(stage.metrics.read().outbox_delivered, 5)
  await driver.stop()
  assert.equal(stage.clock.pending, 0)
})

test('[OP11] what a dead node had taken is done by another as its lease ends, under the same id', async () => {
  const stage = new Stage()
  await stage.store.post([item('a1'), item('a2')])
  const { clock } = stage
  // It dies in the middle of the effect: nothing of it is heard any more.
  stage.driver(() => new Promise(() => {}), {
    clock: { monotonicMs: () => clock.monotonicMs(), wallMs: () => clock.wallMs(), after: () => () => {} },
  })
  await clock.advance(10)
  const heir = stage.driver(async () => DONE)
  await clock.advance(9000)
  assert.deepEqual(stage.done, ['a1'], 'the lease is respected')
  await clock.advance(2000)
  assert.deepEqual(stage.done, ['a1', 'a1', 'a2'])
  assert.equal((await stage.store.backlog()).waiting, 0)
  await heir.stop()
})

test('[OP11] what was done and could not be written down is done again; once written, never', async () => {
  const stage = new Stage()
  await stage.store.post([item('a1')])
  let away = true
  const store: OutboxPorts['store'] = withStore(stage.store, {
    settle: (taken) => (away ? Promise.reject(new StoreUnavailable('away')) : stage.store.settle(taken)),
  })
  const driver = stage.driver(async () => DONE, { store })
  await stage.clock.advance(9000)
  assert.deepEqual(stage.done, ['a1'], 'while the lease lasts, only the writing is tried again')
  await stage.clock.advance(3000)
  away = false
  await stage.clock.advance(60_000)
  assert.deepEqual(stage.done, ['a1', 'a1'])
  await driver.stop()
})

test('[OP11] a settling whose reply was lost is asked again, and nothing is done twice', async () => {
  const stage = new Stage()
  await stage.store.post([item('a1'), item('a2')])
  let lost = 0
  const store = withStore(stage.store, {
    async settle(taken) {
      const settled = await stage.store.settle(taken)
      if (lost++ % 2 === 0) throw new IndefiniteOutcome('the reply was lost')
      return settled
    },
  })
  const driver = stage.driver(async () => DONE, { store })
  await stage.clock.advance(5000)
  assert.deepEqual(stage.done, ['a1', 'a2'])
  await driver.stop()
})

test('[OP12] a failure that may pass is tried again, and what is behind it waits', async () => {
  const stage = new Stage()
  await stage.store.post([item('a1'), item('a2'), item('b1', 'b')])
  let failures = 3
  const driver = stage.driver(async (id) =>
    id === 'a1' && failures-- > 0 ? { kind: 'later', reason: '451 try again' } : DONE,
  )
  await stage.clock.advance(60_000)
  assert.deepEqual(
    stage.done.filter((id) => id !== 'b1'),
    ['a1', 'a1', 'a1', 'a1', 'a2'],
  )
  assert.equal(stage.metrics.read().outbox_retries, 3)
  await driver.stop()
})

test('[OP12] an effect that throws, or never answers, has failed and holds up no other lane', async () => {
  const stage = new Stage()
  await stage.store.post([item('a1'), item('b1', 'b'), item('c1', 'c')])
  const driver = stage.driver(async (id) => {
    if (id === 'a1') throw new Error('a bug')
    return id === 'b1' ? new Promise<EffectOutcome>(() => {}) : DONE
  })
  await stage.clock.advance(6000)
  assert.ok(stage.done.includes('c1'))
  assert.equal(stage.metrics.read().outbox_delivered, 1)
  assert.ok(stage.metrics.read().outbox_retries >= 2)
  const stopping = driver.stop()
  await stage.clock.advance(20_000)
  await stopping
})

test('[OP13] what can never work is a dead letter at once; its lane goes on, and it can be replayed', async () => {
  const stage = new Stage()
  await stage.store.post([item('a1'), item('a2')])
  let mended = false
  const driver = stage.driver(async (id) =>
    id === 'a1' && !mended ? { kind: 'never', reason: '550 no such user' } : DONE,
  )
  await stage.clock.advance(1000)
  assert.deepEqual(stage.done, ['a1', 'a2'])
  const [letter] = await stage.store.deadLetters(10)
  assert.deepEqual([letter?.id, letter?.reason], ['a1', '550 no such user'])
  mended = true
  await stage.store.replay('a1')
  await stage.clock.advance(2000)
  assert.deepEqual(stage.done, ['a1', 'a2', 'a1'])
  assert.deepEqual(await stage.store.deadLetters(10), [])
  await driver.stop()
})

test('[OP10] an absence of the store is waited out', async () => {
  const stage = new Stage()
  await stage.store.post([item('a1')])
  let away = true
  const store = withStore(stage.store, {
    take: (query) => (away ? Promise.reject(new StoreUnavailable('away')) : stage.store.take(query)),
  })
  const driver = stage.driver(async () => DONE, { store })
  await stage.clock.advance(30_000)
  assert.deepEqual(stage.done, [])
  away = false
  await stage.clock.advance(1000)
  assert.deepEqual(stage.done, ['a1'])
  await driver.stop()
})

function withStore(store: OutboxStore, more: Partial<OutboxPorts['store']>): OutboxPorts['store'] {
  return {
    take: (query) => store.take(query),
    settle: (taken) => store.settle(taken),
    postpone: (taken, delayMs, reason) => store.postpone(taken, delayMs, reason),
    bury: (taken, reason) => store.bury(taken, reason),
    forget: (olderThanMs, limit) => store.forget(olderThanMs, limit),
    ...more,
  }
}
