import assert from 'node:assert/strict'
import test from 'node:test'
import type { EventRecord } from '../base/event-record.ts'
import { idFromBits, type Owner } from '../base/ids.ts'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { memoryMetrics } from '../base/metrics.ts'
import { EVENT_FORMAT } from '../conversation/event-json.ts'
import { FencedLog } from '../store/fenced-log.ts'
import { IndefiniteOutcome, StoreUnavailable } from '../store/log-store.ts'
import { CHAT_FACTS } from '../store/member-facts-stage.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { Handover } from './handover.ts'
import { NODE_DEFAULTS } from './node-settings.ts'
import { Owners } from './owners.ts'

const CONVERSATION = idFromBits(78n)
const ME: Owner = { node: 'n1', incarnation: idFromBits(1n) }
const OTHER: Owner = { node: 'n2', incarnation: idFromBits(2n) }
const opened = JSON.stringify({
  seq: 1,
  at: 1,
  type: 'opened',
  from: 'v',
  body: { mode: 'live', idle: { alertMs: 0, secondAlertMs: 0, closeMs: 0 } },
})

/** A store whose offers fail as the test says, and may take place late. */
class LateStore extends MemoryStore {
  failure: Error | undefined
  late: () => Promise<unknown> = async () => {}
  override async offerHandover(offers: Parameters<MemoryStore['offerHandover']>[0]) {
    this.late = () => super.offerHandover(offers)
    if (this.failure) throw this.failure
    return super.offerHandover(offers)
  }
}

/** This node owns one conversation, and another node lives that takes nothing by itself. */
async function stage() {
  const clock = new ManualClock()
  const store = new LateStore({ now: () => clock.wallMs() })
  for (const member of [ME, OTHER]) await store.join(member, CHAT_FACTS)
  await store.open(CONVERSATION, ME)
  const record: EventRecord = { seq: 1, epoch: 1, at: 1, audience: 'everyone', sender: 'v', json: opened }
  await store.append([{ conversation: CONVERSATION, epoch: 1, expectSeq: 0, events: [record] }])
  const ports = { clock, log: silentLog, metrics: memoryMetrics(), store, self: () => ME }
  const owners = new Owners({
    ...ports,
    fencedLog: new FencedLog({ ...ports, policy: { resendAttempts: 1, resendDelayMs: 100 } }),
    limits: NODE_DEFAULTS.owner,
    settings: NODE_DEFAULTS.owners,
    opens: true,
    storeNow: () => clock.wallMs(),
    leaseHeld: () => true,
    format: () => EVENT_FORMAT,
    whenHeld: () => Promise.resolve(true),
    mode: () => 'enabled',
    cutOff: () => false,
    announce() {},
  })
  const handover = new Handover({ ...ports, owners, ask: async () => ({ taken: [] }) })
  await settled(clock, owners.reclaim(CONVERSATION))
  const give = async () => {
    const [owner] = owners.owned()
    assert.ok(owner)
    return settled(clock, handover.give([owner], OTHER, 'a test says so'))
  }
  return { store, owners, give }
}

async function settled<Value>(clock: ManualClock, promise: Promise<Value>): Promise<Value> {
  for (let turn = 0; turn < 20; turn++) await clock.advance(1)
  return promise
}

test('[OW1] an offer that takes place late, after it was given up, makes no second owner', async () => {
  const { store, owners, give } = await stage()
  store.failure = new IndefiniteOutcome('the reply was lost')
  assert.equal(await give(), 0)
  await store.late()
  const [outcome] = await store.claim([{ conversation: CONVERSATION }], OTHER)
  assert.ok(outcome?.kind === 'alive')
  assert.deepEqual(outcome.owner, ME)
  assert.equal(owners.get(CONVERSATION)?.epoch, outcome.epoch)
})

test('[OW1] who was offered a conversation before that got lost, and took it, is the only owner', async () => {
  const { store, owners, give } = await stage()
  store.failure = new IndefiniteOutcome('the reply was lost')
  const offer = store.offerHandover.bind(store)
  store.offerHandover = async (offers) => {
    await offer(offers).catch(() => {})
    await store.late()
    const [outcome] = await store.claim([{ conversation: CONVERSATION }], OTHER)
    assert.equal(outcome?.kind, 'claimed')
    throw store.failure
  }
  await give()
  assert.equal(owners.get(CONVERSATION), undefined)
})

test('an offer that was surely not made, and one that nobody takes, leave the owner as it is', async () => {
  const { store, owners, give } = await stage()
  const before = owners.get(CONVERSATION)
  store.failure = new StoreUnavailable('it is away')
  assert.equal(await give(), 0)
  store.failure = undefined
  assert.equal(await give(), 0)
  assert.equal(owners.get(CONVERSATION), before)
  const [outcome] = await store.claim([{ conversation: CONVERSATION }], OTHER)
  assert.equal(outcome?.kind, 'alive')
})
