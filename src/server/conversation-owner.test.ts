import assert from 'node:assert/strict'
import test from 'node:test'
import { pause } from '../base/clock.ts'
import type { EventRecord } from '../base/event-record.ts'
import { idFromBits, type Owner } from '../base/ids.ts'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { type Metrics, memoryMetrics } from '../base/metrics.ts'
import { EVENT_FORMAT } from '../conversation/event-json.ts'
import { emptyState } from '../conversation/state.ts'
import type { Ephemeral, Moved, OwnerSink, Submission, SubmitReply } from '../protocol/conversation-port.ts'
import { FencedLog } from '../store/fenced-log.ts'
import { IndefiniteOutcome, type Slice, type SliceOutcome, StoreUnavailable } from '../store/log-store.ts'
import { CHAT_FACTS } from '../store/member-facts-stage.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { ConversationOwner, type OwnerNode } from './conversation-owner.ts'
import { NODE_DEFAULTS } from './node-settings.ts'

const CONVERSATION = idFromBits(77n)
const ME: Owner = { node: 'n1', incarnation: idFromBits(1n) }
const OTHER: Owner = { node: 'n2', incarnation: idFromBits(2n) }
const visitor = { id: 'v1', role: 'visitor', name: 'Vera' } as const

type Fault = (
  slices: readonly Slice[],
  append: () => Promise<readonly SliceOutcome[]>,
) => Promise<readonly SliceOutcome[]>

/** A store whose next appends go as the test says. */
class FaultyStore extends MemoryStore {
  readonly faults: Fault[] = []
  override append(slices: readonly Slice[]): Promise<readonly SliceOutcome[]> {
    const fault = this.faults.shift()
    return fault ? fault(slices, () => super.append(slices)) : super.append(slices)
  }
}

interface Stage {
  clock: ManualClock
  store: FaultyStore
  owner: ConversationOwner
  seen: number[]
  lease: { held: boolean; renew(held: boolean): void }
  metrics: Metrics
  failures: unknown[]
  submit(submission: Submission): { reply?: SubmitReply | Moved }
  send(key: string, text?: string): { reply?: SubmitReply | Moved }
}

async function stage(
  onStoreError: 'wait' | 'close' = 'wait',
  resendAttempts = Number.POSITIVE_INFINITY,
  saveNotices: readonly string[] = ['*'],
): Promise<Stage> {
  const clock = new ManualClock()
  const store = new FaultyStore({ now: () => clock.wallMs() })
  await store.join(ME, CHAT_FACTS)
  await store.join(OTHER, CHAT_FACTS)
  await store.open(CONVERSATION, ME)
  const metrics = memoryMetrics()
  const fencedLog = new FencedLog({
    store,
    clock,
    log: silentLog,
    metrics,
    self: () => ME,
    policy: { resendAttempts, resendDelayMs: 100 },
  })
  const waiting: ((held: boolean) => void)[] = []
  const lease = {
    held: true,
    renew(held: boolean) {
      lease.held = held
      for (const resolve of waiting.splice(0)) resolve(held)
    },
  }
  const node: OwnerNode = {
    clock,
    log: silentLog,
    metrics,
    store,
    fencedLog,
    limits: { ...NODE_DEFAULTS.owner, onStoreError, saveNotices },
    self: () => ME,
    storeNow: () => clock.wallMs(),
    leaseHeld: () => lease.held,
    format: () => EVENT_FORMAT,
    whenHeld: () => (lease.held ? Promise.resolve(true) : new Promise((resolve) => waiting.push(resolve))),
    dropped() {},
    failed: (error) => failures.push(error),
  }
  const failures: unknown[] = []
  const owner = new ConversationOwner(
    node,
    { kind: 'claimed', conversation: CONVERSATION, epoch: 1, seq: 0, tail: [] },
    emptyState,
  )
  const seen: number[] = []
  owner.attach('edge', 0, sinkOf(seen))
  const submit = (submission: Submission) => {
    const box: { reply?: SubmitReply | Moved } = {}
    void owner.submit(submission).then((reply) => {
      box.reply = reply
    })
    return box
  }
  submit({ sender: visitor, key: 'open', command: { type: 'open', mode: 'live' } })
  await clock.advance(10)
  assert.deepEqual(seen, [1, 2])
  const send = (key: string, text = key) =>
    submit({ sender: visitor, key, command: { type: 'message', format: 'text', text } })
  return { clock, store, owner, seen, lease, metrics, failures, submit, send }
}

function sinkOf(seen: number[]): OwnerSink {
  return {
    events: (_conversation, _epoch, records: readonly EventRecord[]) => seen.push(...records.map(({ seq }) => seq)),
    ephemeral() {},
    status() {},
    moved: () => seen.push(-1),
    ended: () => seen.push(-2),
  }
}

test('[SV1] [LO1] nothing is answered or published before the store has it', async () => {
  const { clock, store, seen, send } = await stage()
  let commit = () => {}
  store.faults.push(async (_, append) => {
    await new Promise<void>((resolve) => {
      commit = resolve
    })
    return append()
  })
  const sent = send('a')
  await clock.advance(1000)
  assert.equal(sent.reply, undefined)
  assert.deepEqual(seen, [1, 2])
  commit()
  await clock.advance(10)
  assert.deepEqual(sent.reply, { kind: 'ack', seq: 3 })
  assert.deepEqual(seen, [1, 2, 3])
})

test('[SV2] [OW3] an owner that the store refuses answers nothing but moved, to those in flight and those behind', async () => {
  const { clock, store, seen, send } = await stage()
  await store.tombstone(ME.incarnation, 'silent')
  await store.claim([{ conversation: CONVERSATION }], OTHER)
  const first = send('a')
  const second = send('b')
  await clock.advance(10)
  assert.deepEqual(first.reply, { kind: 'moved', owner: OTHER.incarnation })
  assert.equal(second.reply?.kind, 'moved')
  assert.deepEqual(seen, [1, 2, -1])
})

for (const [title, applied] of [
  ['before the commit', false],
  ['after the commit', true],
] as const)
  test(`[SV3] [LO2] a reply lost ${title} is resolved by claiming again, and the command stands once`, async () => {
    const { clock, store, seen, send, owner } = await stage()
    store.faults.push(async (_, append) => {
      if (applied) await append()
      throw new IndefiniteOutcome('the connection went away')
    })
    const sent = send('a')
    await clock.advance(1000)
    assert.deepEqual(sent.reply, { kind: 'ack', seq: 3 })
    assert.deepEqual(seen, [1, 2, 3])
    assert.equal(owner.epoch, 2)
    assert.equal((await store.read(CONVERSATION, 0, 10))?.records.length, 3)
  })

test('[SV4] past the lease a durable append is neither answered nor published until the lease is renewed', async () => {
  const { clock, seen, send, lease, store } = await stage()
  store.faults.push(async (_, append) => {
    lease.held = false
    return append()
  })
  const sent = send('a')
  await clock.advance(100)
  assert.equal(sent.reply, undefined)
  lease.renew(true)
  await clock.advance(10)
  assert.deepEqual(sent.reply, { kind: 'ack', seq: 3 })
  assert.deepEqual(seen, [1, 2, 3])
})

test('[SV4] a lease that is lost for good turns everything that waits to the next owner', async () => {
  const { clock, send, lease } = await stage()
  lease.held = false
  const sent = send('a')
  await clock.advance(100)
  assert.equal(sent.reply, undefined)
  lease.renew(false)
  await clock.advance(10)
  assert.deepEqual(sent.reply, { kind: 'moved' })
})

test('[SV5] what comes while a slice is under way is decided together, on what that slice made', async () => {
  const { clock, store, send } = await stage()
  const sizes: number[] = []
  const slow: Fault = async (slices, append) => {
    sizes.push(slices.flatMap(({ events }) => events).length)
    await pause(clock, 5)
    return append()
  }
  store.faults.push(slow, slow)
  const sent = [send('a')]
  await clock.advance(10)
  sent.push(...['b', 'c', 'd'].map((key) => send(key)))
  await clock.advance(20)
  assert.deepEqual(sizes, [1, 3])
  assert.deepEqual(
    sent.map(({ reply }) => reply),
    [3, 4, 5, 6].map((seq) => ({ kind: 'ack', seq })),
  )
})

test('[SV6] a command that the store cannot hold is refused alone', async () => {
  const { clock, store, send } = await stage()
  const poison: Fault = async (slices, append) =>
    slices.some(({ events }) => events.some(({ key }) => key === 'poison'))
      ? slices.map(() => ({ kind: 'unstorable', reason: '22021' }))
      : append()
  store.faults.push(...Array.from({ length: 10 }, () => poison))
  const sent = ['first', 'a', 'poison', 'b'].map((key) => send(key))
  await clock.advance(100)
  assert.deepEqual(
    sent.map(({ reply }) => (reply?.kind === 'refused' ? reply.code : reply?.kind)),
    ['ack', 'ack', 'malformed', 'ack'],
  )
})

test('[SV19] [LO2] a command at which the program fails is refused alone, unless an earlier attempt is in the log', async () => {
  const { clock, store, seen, send, submit, metrics } = await stage()
  const poison = (key: string) =>
    submit({
      sender: visitor,
      key,
      command: {
        type: 'message',
        format: 'text',
        get text(): string {
          throw new Error('a bug')
        },
      },
    })
  const sent = [send('a'), poison('b'), send('c'), poison('a'), send('d')]
  await clock.advance(10)
  assert.deepEqual(
    sent.map(({ reply }) => (reply?.kind === 'refused' ? reply.code : reply)),
    [
      { kind: 'ack', seq: 3 },
      'command-fault',
      { kind: 'ack', seq: 4 },
      { kind: 'ack', seq: 3 },
      { kind: 'ack', seq: 5 },
    ],
  )
  assert.deepEqual(seen, [1, 2, 3, 4, 5])
  assert.equal((await store.read(CONVERSATION, 0, 10))?.headSeq, 5)
  assert.equal(metrics.read().command_faults, 2)
})

test('[SV19] an owner that cannot read what a claim found gives the conversation up, and whoever waits asks again', async () => {
  const { clock, store, failures, send } = await stage()
  store.faults.push(async ([slice]) => {
    const unreadable = slice?.events.map((record) => ({ ...record, json: 'half of a te' })) ?? []
    if (slice) await store.append([{ ...slice, events: unreadable }])
    throw new IndefiniteOutcome('the connection went away')
  })
  const sent = send('a')
  await clock.advance(1000)
  assert.deepEqual(sent.reply, { kind: 'moved' })
  assert.match(String(failures), /SyntaxError/)
})

test('[SV12] a notice that is not kept reaches who is here, is not in the log, and holds nothing up', async () => {
  const { clock, owner, store } = await stage('wait', 1, ['push-url'])
  const passed: Ephemeral[] = []
  owner.attach('other', 2, { ...sinkOf([]), ephemeral: (_conversation, _epoch, ephemeral) => passed.push(ephemeral) })
  const notice = (key: string, name: string, n: number) =>
    owner.submit({
      sender: visitor,
      key,
      origin: { instance: 'i', n, floor: n },
      command: { type: 'notice', notice: name },
    })
  const first = notice('a', 'scrolled', 1)
  const second = notice('b', 'push-url', 2)
  await clock.advance(10)
  const refused = await first
  assert.equal(refused.kind === 'refused' && refused.code, 'passed-on')
  assert.deepEqual(await second, { kind: 'ack', seq: 3 })
  assert.deepEqual(passed, [{ type: 'notice', from: visitor.id, notice: 'scrolled' }])
  assert.equal((await store.read(CONVERSATION, 0, 10))?.headSeq, 3)
})

test('[SV38] a read receipt is passed on once, and told to who attaches later; one from beyond the log is nothing', async () => {
  const { owner } = await stage()
  const told = (into: Ephemeral[]): OwnerSink => ({
    ...sinkOf([]),
    ephemeral: (_conversation, _epoch, ephemeral) => into.push(ephemeral),
  })
  const early: Ephemeral[] = []
  const late: Ephemeral[] = []
  owner.attach('early', 2, told(early))
  for (const seq of [1, 1, 2, 1, 99]) owner.signal({ type: 'seen', from: visitor.id, seq })
  assert.deepEqual(early, [
    { type: 'seen', from: visitor.id, seq: 1 },
    { type: 'seen', from: visitor.id, seq: 2 },
  ])
  owner.attach('late', 2, told(late))
  assert.deepEqual(late, [{ type: 'seen', from: visitor.id, seq: 2 }])
})

test('[LO3] a key that memory has forgotten gets its first seq from the unique index', async () => {
  const { clock, send } = await stage()
  const first = send('the first')
  for (let i = 0; i < 700; i++) {
    send(`k${i}`)
    if (i % 50 === 49) await clock.advance(10)
  }
  const again = send('the first')
  for (let round = 0; round < 50 && !again.reply; round++) await clock.advance(100)
  assert.deepEqual(first.reply, { kind: 'ack', seq: 3 })
  assert.deepEqual(again.reply, first.reply)
})

test('a store that is away for a while delays an answer and nothing else', async () => {
  const { clock, store, send } = await stage()
  const away: Fault = async () => {
    throw new StoreUnavailable('connection refused')
  }
  store.faults.push(away, away, away)
  const sent = send('a')
  await clock.advance(250)
  assert.equal(sent.reply, undefined)
  await clock.advance(100)
  assert.deepEqual(sent.reply, { kind: 'ack', seq: 3 })
})

test('[SV18] who comes while the store is away is told so', async () => {
  const { clock, store, send, owner } = await stage()
  const away: Fault = async () => {
    throw new StoreUnavailable('connection refused')
  }
  store.faults.push(away)
  send('a')
  await clock.advance(50)
  const told: string[] = []
  owner.attach('late', 2, { ...sinkOf([]), status: (_conversation, _epoch, status) => told.push(status) })
  assert.deepEqual(told, ['store-unavailable'])
})

test('with onStoreError close everybody is detached, and closed is appended when the store is back', async () => {
  const { clock, store, send, seen } = await stage('close', 2)
  const away: Fault = async () => {
    throw new StoreUnavailable('connection refused')
  }
  store.faults.push(away, away, away)
  const sent = send('a')
  await clock.advance(500)
  assert.equal(sent.reply?.kind === 'refused' && sent.reply.code, 'store-unavailable')
  assert.deepEqual(seen, [1, 2, -2])
  await clock.advance(2000)
  const last = (await store.read(CONVERSATION, 0, 10))?.records.at(-1)
  assert.match(last?.json ?? '', /"type":"closed".*"store-failure"/)
})

test('[SV13] closed is appended although somebody wrote, and was acknowledged, in between', async () => {
  const { clock, store, send, seen, owner } = await stage('close', 1)
  const away: Fault = async () => {
    throw new StoreUnavailable('connection refused')
  }
  store.faults.push(away, away)
  send('a')
  await clock.advance(500)
  const again: number[] = []
  owner.attach('edge', 0, sinkOf(again))
  const between = send('b')
  await clock.advance(3000)
  assert.deepEqual(between.reply, { kind: 'ack', seq: 3 })
  assert.deepEqual(seen, [1, 2, -2])
  assert.deepEqual(again, [1, 2, 3, 4])
  assert.equal(owner.status, 'closed')
})

test('[SV13] who returns after everybody was detached reads old events, too', async () => {
  const { clock, store, send, owner } = await stage('close', 1)
  for (let i = 0; i < 400; i++) {
    send(`k${i}`)
    await clock.advance(10)
  }
  const away: Fault = async () => {
    throw new StoreUnavailable('connection refused')
  }
  store.faults.push(away, away)
  send('a')
  await clock.advance(500)
  const again: number[] = []
  owner.attach('edge', 0, sinkOf(again))
  await clock.advance(10)
  assert.deepEqual(
    again,
    Array.from({ length: 402 }, (_, i) => i + 1),
  )
})

test('[BO1] a queue that is full refuses, and what is in it is answered', async () => {
  const { clock, send, lease } = await stage()
  lease.held = false
  const sent = Array.from({ length: NODE_DEFAULTS.owner.queued + 1 }, (_, i) => send(`k${i}`))
  await clock.advance(10)
  const last = sent.at(-1)?.reply
  assert.equal(last?.kind === 'refused' && last.code, 'busy')
  lease.renew(true)
  await clock.advance(100)
  assert.ok(sent.slice(0, -1).every(({ reply }) => reply?.kind === 'ack'))
})
