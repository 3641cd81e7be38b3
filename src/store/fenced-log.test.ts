import assert from 'node:assert/strict'
import test from 'node:test'
import { idFromBits, type Owner } from '../base/ids.ts'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { memoryMetrics } from '../base/metrics.ts'
import { type AppendOutcome, FencedLog } from './fenced-log.ts'
import {
  type ClaimOutcome,
  type ClaimRequest,
  IndefiniteOutcome,
  type Slice,
  type SliceOutcome,
  StoreUnavailable,
} from './log-store.ts'
import { CHAT_FACTS } from './member-facts-stage.ts'
import { MemoryStore } from './memory-store.ts'

const me: Owner = { node: 'a', incarnation: idFromBits(1n) }
const other: Owner = { node: 'b', incarnation: idFromBits(2n) }

class WatchedStore extends MemoryStore {
  readonly batches: number[] = []
  readonly faults: (() => Promise<void>)[] = []
  override async append(slices: readonly Slice[]): Promise<readonly SliceOutcome[]> {
    this.batches.push(slices.reduce((rows, { events }) => rows + events.length, 0))
    await this.faults.shift()?.()
    return super.append(slices)
  }
  readonly claims: number[] = []
  readonly claimFaults: ((claim: () => Promise<readonly ClaimOutcome[]>) => Promise<readonly ClaimOutcome[]>)[] = []
  override async claim(requests: readonly ClaimRequest[], by: Owner): Promise<readonly ClaimOutcome[]> {
    this.claims.push(requests.length)
    const claim = () => super.claim(requests, by)
    return (await this.claimFaults.shift()?.(claim)) ?? claim()
  }
}

async function stage(resendAttempts = Number.POSITIVE_INFINITY) {
  const clock = new ManualClock()
  const store = new WatchedStore({ now: () => clock.wallMs() })
  await store.join(me, CHAT_FACTS)
  await store.join(other, CHAT_FACTS)
  const log = new FencedLog({
    store,
    clock,
    log: silentLog,
    metrics: memoryMetrics(),
    self: () => me,
    policy: { resendAttempts, resendDelayMs: 100 },
  })
  const conversations = Array.from({ length: 1000 }, (_, i) => idFromBits(BigInt(i + 10)))
  for (const conversation of conversations) await store.open(conversation, me)
  const append = (index: number, expectSeq = 0, count = 1) => {
    const box: { outcome?: AppendOutcome } = {}
    const events = Array.from({ length: count }, (_, i) => ({
      seq: expectSeq + i + 1,
      epoch: 1,
      at: 1,
      audience: 'everyone' as const,
      sender: 'v',
      json: '{}',
    }))
    void log.append({ conversation: conversations[index] ?? '', epoch: 1, expectSeq, events }).then((outcome) => {
      box.outcome = outcome
    })
    return box
  }
  return { clock, store, log, append, conversations }
}

test('[SE18] what one turn brings travels together, in batches of bounded size', async () => {
  const { clock, store, append } = await stage()
  const boxes = Array.from({ length: 1000 }, (_, i) => append(i, 0, 2))
  await clock.advance(1)
  assert.deepEqual(store.batches, [512, 512, 488, 488])
  assert.ok(boxes.every(({ outcome }) => outcome?.kind === 'ok'))
})

test('[SE18] what waits is shared between two statements, unless it is little', async () => {
  const { clock, store, append } = await stage()
  for (let i = 0; i < 300; i++) append(i)
  await clock.advance(1)
  for (let i = 300; i < 360; i++) append(i)
  await clock.advance(5)
  assert.deepEqual(store.batches, [150, 150, 60])
})

test('[SE18] a lone append waits for nobody', async () => {
  const { clock, store, append } = await stage()
  const box = append(0)
  await clock.advance(0)
  assert.deepEqual(box.outcome, { kind: 'ok', seq: 1 })
  assert.deepEqual(store.batches, [1])
})

test('[SE18] small batches keep a distance, and one that grows large goes at once', async () => {
  const { clock, store, append } = await stage()
  append(0)
  await clock.advance(1)
  append(1)
  await clock.advance(2)
  append(2)
  await clock.advance(1)
  assert.deepEqual(store.batches, [1])
  await clock.advance(1)
  assert.deepEqual(store.batches, [1, 2])
  for (let i = 3; i < 67; i++) append(i)
  await clock.advance(0)
  assert.deepEqual(store.batches, [1, 2, 64])
})

test('a store that is away is told once, and what waited is appended when it is back', async () => {
  const { clock, store, log, append } = await stage()
  const told: string[] = []
  log.onAvailability((availability) => told.push(availability))
  const away = async () => {
    throw new StoreUnavailable('refused')
  }
  store.faults.push(away, away, away)
  const boxes = [append(0), append(1)]
  await clock.advance(250)
  assert.deepEqual(told, ['unavailable'])
  await clock.advance(100)
  assert.deepEqual(told, ['unavailable', 'available'])
  assert.ok(boxes.every(({ outcome }) => outcome?.kind === 'ok'))
})

test('an answer to something else tells that the store is back only where no append is left to tell', async () => {
  const { clock, store, log, append } = await stage(1)
  const away = async () => {
    throw new StoreUnavailable('connection refused')
  }
  store.faults.push(away, away)
  const box = append(0)
  await clock.advance(50)
  log.storeAnswered()
  assert.equal(log.availability(), 'unavailable')
  await clock.advance(100)
  assert.deepEqual(box.outcome, { kind: 'unavailable' })
  log.storeAnswered()
  assert.equal(log.availability(), 'available')
})

test('after the last attempt an append is surely not in the log', async () => {
  const { clock, store, append } = await stage(1)
  const away = async () => {
    throw new StoreUnavailable('refused')
  }
  store.faults.push(away, away)
  const box = append(0)
  await clock.advance(500)
  assert.deepEqual(box.outcome, { kind: 'unavailable' })
})

test('[SE14] a lost reply is resolved by claiming again, and the true tail comes back', async () => {
  const { clock, store, append } = await stage()
  store.faults.push(async () => {
    throw new IndefiniteOutcome('the connection went away')
  })
  const box = append(0)
  await clock.advance(100)
  assert.ok(box.outcome?.kind === 'resolved')
  assert.deepEqual([box.outcome.claimed.epoch, box.outcome.claimed.seq], [2, 0])
})

test('[SE14] a lost reply whose conversation another node owns meanwhile is lost', async () => {
  const { clock, store, append, conversations } = await stage()
  store.faults.push(async () => {
    await store.tombstone(me.incarnation, 'silent')
    await store.claim([{ conversation: conversations[0] ?? '' }], other)
    throw new IndefiniteOutcome('the connection went away')
  })
  const box = append(0)
  await clock.advance(100)
  assert.equal(box.outcome?.kind, 'lost')
})

test('[SE14] the reply of the resolving claim may be lost as well, and a whole batch is resolved by one claim', async () => {
  const { clock, store, append } = await stage()
  store.faults.push(async () => {
    throw new IndefiniteOutcome('the connection went away')
  })
  store.claimFaults.push(
    () => Promise.reject(new StoreUnavailable('away')),
    async (claim) => {
      await claim()
      throw new IndefiniteOutcome('the connection went away again')
    },
  )
  const boxes = [append(0), append(1), append(2)]
  await clock.advance(1000)
  for (const { outcome } of boxes) {
    assert.ok(outcome?.kind === 'resolved')
    assert.equal(outcome.claimed.epoch, 3, 'the claim whose reply was lost had raised it once')
  }
  assert.deepEqual(store.claims, [3, 3, 3, 3])
})

test('[SE14] a tail that does not join what the owner knows is no resolution', async () => {
  const { clock, store, append, conversations } = await stage()
  const conversation = conversations[0] ?? ''
  store.faults.push(async () => {
    // Another node owns it for a while, goes far ahead, leaves a snapshot, and lets it go.
    await store.offerHandover([{ conversation, epoch: 1, to: other }])
    await store.claim([{ conversation }], other)
    const event = (seq: number) => ({ seq, epoch: 2, at: 1, audience: 'everyone' as const, sender: 'v', json: '{}' })
    const events = Array.from({ length: 100 }, (_, i) => event(i + 1))
    await store.append([{ conversation, epoch: 2, expectSeq: 0, events }])
    await store.saveSnapshot(conversation, 2, { seq: 100, format: 1, json: '{}' })
    await store.release([{ conversation, epoch: 2 }])
    throw new IndefiniteOutcome('the connection went away')
  })
  const box = append(0)
  await clock.advance(100)
  assert.equal(box.outcome?.kind, 'lost')
})
