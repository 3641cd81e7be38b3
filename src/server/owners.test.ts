import assert from 'node:assert/strict'
import test from 'node:test'
import type { EventRecord } from '../base/event-record.ts'
import { idFromBits, type Owner } from '../base/ids.ts'
import { type Log, silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { memoryMetrics } from '../base/metrics.ts'
import { EVENT_FORMAT } from '../conversation/event-json.ts'
import { SNAPSHOT_FORMAT } from '../conversation/snapshot.ts'
import type { AttachReply, Moved, OwnerSink, ReadReply } from '../protocol/conversation-port.ts'
import { FencedLog } from '../store/fenced-log.ts'
import type { ClaimOutcome, ClaimRequest } from '../store/log-store.ts'
import { CHAT_FACTS } from '../store/member-facts-stage.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { NODE_DEFAULTS } from './node-settings.ts'
import { Owners } from './owners.ts'

const CONVERSATION = idFromBits(78n)
const ME: Owner = { node: 'n1', incarnation: idFromBits(1n) }
const OTHER: Owner = { node: 'n2', incarnation: idFromBits(2n) }

/** A store whose claims are answered when the test says so. */
class SlowStore extends MemoryStore {
  #answer: () => void = () => {}
  override async claim(requests: readonly ClaimRequest[], by: Owner): Promise<readonly ClaimOutcome[]> {
    const outcomes = await super.claim(requests, by)
    await new Promise<void>((resolve) => {
      this.#answer = resolve
    })
    return outcomes
  }
  answer(): void {
    this.#answer()
  }
}

async function stage({ otherLives = false } = {}) {
  const clock = new ManualClock()
  const store = new SlowStore({ now: () => clock.wallMs() })
  await store.join(OTHER, CHAT_FACTS)
  await store.open(CONVERSATION, OTHER)
  const record: EventRecord = { seq: 1, epoch: 1, at: 1, audience: 'everyone', sender: 'v', json: opened }
  await store.append([{ conversation: CONVERSATION, epoch: 1, expectSeq: 0, events: [record] }])
  if (!otherLives) await store.tombstone(OTHER.incarnation, 'it exited')
  await store.join(ME, CHAT_FACTS)
  const metrics = memoryMetrics()
  const waiting: ((held: boolean) => void)[] = []
  const lease = {
    held: true,
    renew() {
      lease.held = true
      for (const resolve of waiting.splice(0)) resolve(true)
    },
  }
  const told: string[] = []
  const log: Log = {
    ...silentLog,
    error: (sentence) => told.push(sentence),
    decision: (what) => told.push(what),
  }
  const ports = { clock, log, metrics, store, self: () => ME }
  const owners = new Owners({
    ...ports,
    fencedLog: new FencedLog({ ...ports, policy: { resendAttempts: 1, resendDelayMs: 100 } }),
    limits: NODE_DEFAULTS.owner,
    settings: NODE_DEFAULTS.owners,
    opens: true,
    storeNow: () => clock.wallMs(),
    leaseHeld: () => lease.held,
    format: () => EVENT_FORMAT,
    whenHeld: () => (lease.held ? Promise.resolve(true) : new Promise((resolve) => waiting.push(resolve))),
    mode: () => 'enabled',
    cutOff: () => false,
    announce() {},
  })
  const seen: number[] = []
  const sink: OwnerSink = {
    events: (_, __, records) => seen.push(...records.map(({ seq }) => seq)),
    ephemeral() {},
    status() {},
    moved() {},
    ended() {},
  }
  const replies: AttachReply[] = []
  const attach = () => void owners.attach('edge', CONVERSATION, 0, sink).then((reply) => replies.push(reply))
  return { clock, store, lease, metrics, waiting, owners, told, seen, replies, attach }
}

const opened = JSON.stringify({
  seq: 1,
  at: 1,
  type: 'opened',
  from: 'v',
  body: { mode: 'live', idle: { alertMs: 0, secondAlertMs: 0, closeMs: 0 } },
})

test('[SV4] what a claim brought after the lease had passed is served when the lease is renewed, not before', async () => {
  const { clock, store, lease, seen, replies, attach } = await stage()
  attach()
  await clock.advance(10)
  lease.held = false
  store.answer()
  await clock.advance(10)
  assert.deepEqual([replies, seen], [[], []])
  lease.renew()
  await clock.advance(10)
  assert.deepEqual(replies, [{ kind: 'attached', epoch: 2, headSeq: 1 }])
  assert.deepEqual(seen, [1])
})

test('[SV4] an attachment that is answered in the last moment of the lease gives nothing after it', async () => {
  const { clock, store, lease, seen, replies, attach } = await stage()
  attach()
  await clock.advance(10)
  store.answer()
  for (let turn = 0; replies.length === 0 && turn < 50; turn++) await Promise.resolve()
  lease.held = false
  await clock.advance(10)
  assert.equal(replies.length, 1)
  assert.deepEqual(seen, [])
})

test('[OW4] who asks while this node adopts is served here, whatever the store said before', async () => {
  const { clock, store, owners, seen, replies, attach } = await stage({ otherLives: true })
  attach()
  await clock.advance(10)
  await store.tombstone(OTHER.incarnation, 'it is silent')
  owners.install(await store.adopt([OTHER.incarnation], ME, 10), 'its owner is dead')
  store.answer()
  await clock.advance(10)
  assert.deepEqual(replies, [{ kind: 'attached', epoch: 2, headSeq: 1 }])
  assert.deepEqual(seen, [1])
})

test('[BO1] calls that wait for the lease share one wait', async () => {
  const { clock, lease, owners, waiting } = await stage()
  lease.held = false
  for (let call = 0; call < 100; call++) void owners.read(CONVERSATION, 0, 10)
  await clock.advance(10)
  assert.equal(waiting.length, 1)
})

test('[BO1] an attachment that came to nothing leaves nothing behind', async () => {
  const { clock, store, owners } = await stage()
  const sink: OwnerSink = { events() {}, ephemeral() {}, status() {}, moved() {}, ended() {} }
  const replies: AttachReply[] = []
  for (let id = 1n; id <= 5n; id++) {
    void owners.attach('edge', idFromBits(id), 0, sink).then((reply) => replies.push(reply))
    await clock.advance(1)
    store.answer()
    await clock.advance(1)
  }
  assert.equal(replies.length, 5)
  assert.equal(owners.attaching, 0)
})

test('[SV19] a conversation that cannot be restored is refused and given up, and its neighbours are taken', async () => {
  const { clock, store, owners, metrics } = await stage()
  const sound = idFromBits(79n)
  const other: Owner = { node: 'n3', incarnation: idFromBits(3n) }
  await store.join(other, CHAT_FACTS)
  for (const [conversation, json] of [
    [sound, opened],
    [idFromBits(80n), 'half of a te'],
  ] as const) {
    await store.open(conversation, other)
    const record: EventRecord = { seq: 1, epoch: 1, at: 1, audience: 'everyone', sender: 'v', json }
    await store.append([{ conversation, epoch: 1, expectSeq: 0, events: [record] }])
  }
  const repair = store.damage(CONVERSATION)
  await store.tombstone(other.incarnation, 'it exited')
  owners.install(await store.adopt([OTHER.incarnation, other.incarnation], ME, 10), 'its owner is dead')
  await clock.advance(1)
  assert.deepEqual(
    owners.owned().map(({ conversation }) => conversation),
    [sound],
  )
  assert.equal(metrics.read().conversations_set_apart, 2)
  assert.deepEqual(
    (await store.damaged(10)).map(({ conversation }) => conversation),
    [CONVERSATION, idFromBits(80n)],
  )

  const read = () => {
    const reading = owners.read(CONVERSATION, 0, 10)
    return clock.advance(1).then(async () => {
      store.answer()
      await clock.advance(1)
      return reading
    })
  }
  const refused = await read()
  assert.equal(refused.kind === 'refused' && refused.code, 'conversation-damaged')
  repair()
  assert.equal((await read()).kind, 'refused', 'not tried again at once')
  await clock.advance(10_000)
  await store.beat(ME, CHAT_FACTS)
  assert.equal((await read()).kind, 'events')
})

test('[SV19] what is damaged is told of once however often it is tried, and goes on once it is repaired', async () => {
  const { clock, store, owners, metrics, told } = await stage()
  const unreadable = idFromBits(81n)
  await store.open(unreadable, ME)
  const record: EventRecord = { seq: 1, epoch: 1, at: 1, audience: 'everyone', sender: 'v', json: 'half of a te' }
  await store.append([{ conversation: unreadable, epoch: 1, expectSeq: 0, events: [record] }])
  const repair = store.damage(CONVERSATION)
  const tryAgain = async () => {
    await clock.advance(60_000)
    await store.beat(ME, CHAT_FACTS)
    for (const conversation of [CONVERSATION, unreadable]) {
      const waking = owners.wake(conversation)
      await clock.advance(1)
      store.answer()
      await waking
    }
  }
  for (let minute = 0; minute < 3; minute++) await tryAgain()
  assert.equal(told.filter((what) => /set apart/.test(what)).length, 2)
  assert.deepEqual(
    told.filter((what) => what === 'own'),
    [],
  )
  assert.equal(metrics.read().conversations_set_apart, 2)
  repair()
  await tryAgain()
  assert.deepEqual(
    owners.owned().map(({ conversation }) => conversation),
    [CONVERSATION],
  )
})

test('[SV19] a snapshot that cannot be read costs nothing but time: the log tells the same', async () => {
  const { clock, store, owners, attach, seen, metrics } = await stage()
  await store.saveSnapshot(CONVERSATION, 1, { seq: 1, format: SNAPSHOT_FORMAT, json: 'half of a te' })
  owners.install(await store.adopt([OTHER.incarnation], ME, 10), 'its owner is dead')
  await clock.advance(10)
  attach()
  await clock.advance(10)
  assert.deepEqual(seen, [1])
  assert.equal(metrics.read().conversations_set_apart, 0)
})

test('[SV17] a log that must be folded anew is claimed once, however many ask meanwhile', async () => {
  const { clock, store, owners } = await stage()
  await store.saveSnapshot(CONVERSATION, 1, { seq: 1, format: SNAPSHOT_FORMAT + 1, json: '{}' })
  let read = () => {}
  const readNow = store.read.bind(store)
  store.read = async (...parameters) => {
    await new Promise<void>((resolve) => {
      read = resolve
    })
    return readNow(...parameters)
  }
  const replies: (ReadReply | Moved)[] = []
  const ask = () => void owners.read(CONVERSATION, 0, 10).then((reply) => replies.push(reply))
  ask()
  await clock.advance(10)
  store.answer()
  for (let call = 0; call < 3; call++) {
    await clock.advance(10)
    ask()
  }
  await clock.advance(10)
  read()
  await clock.advance(10)
  assert.equal(replies.filter(({ kind }) => kind === 'events').length, 3)
  assert.equal(owners.get(CONVERSATION)?.epoch, 2)
})
