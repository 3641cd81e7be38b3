import assert from 'node:assert/strict'
import test from 'node:test'
import type { EventRecord } from '../base/event-record.ts'
import { idFromBits, type Owner } from '../base/ids.ts'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { memoryMetrics } from '../base/metrics.ts'
import { MemoryNetwork } from '../cluster/memory-network.ts'
import type { Submission, Subscriber } from '../protocol/conversation-port.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { createNode, type HoldfastNode } from './holdfast-node.ts'
import { NODE_DEFAULTS, type NodeSettings } from './node-settings.ts'

const CONVERSATION = idFromBits(4711n)
const visitor = { id: 'v1', role: 'visitor', name: 'Vera' } as const

function say(n: number, text: string): Submission {
  return {
    sender: visitor,
    key: `k${n}`,
    origin: { instance: 'i1', n, floor: 1 },
    command: { type: 'message', format: 'text', text },
  }
}

const open: Submission = { sender: visitor, key: 'open', command: { type: 'open', mode: 'live' } }

/** Some nodes in one process, on a clock that the test drives. */
class TestCluster {
  readonly clock = new ManualClock()
  readonly store = new MemoryStore({ now: () => this.clock.wallMs() })
  readonly network = new MemoryNetwork(this.clock)
  readonly nodes = new Map<string, HoldfastNode>()
  readonly #dead = new Set<string>()
  #ids = 0

  async add(name: string, roles: NodeSettings['roles']): Promise<HoldfastNode> {
    let node: HoldfastNode | undefined
    const self = (): Owner => node?.self() ?? { node: name, incarnation: '' }
    const random = { fraction: () => 0.5, id: () => idFromBits(BigInt(++this.#ids)) }
    const settings: NodeSettings = {
      node: name,
      roles,
      version: 'test',
      relayAddress: () => name,
      httpUrl: () => `http://${name}`,
      ...NODE_DEFAULTS,
    }
    node = createNode({
      clock: this.clock,
      random,
      log: silentLog,
      metrics: memoryMetrics(),
      logStore: this.#mortal(name),
      memberStore: this.#mortal(name),
      network: this.network.of(self),
      settings,
    })
    this.nodes.set(name, node)
    const started = node.start()
    await this.clock.advance(1)
    await started
    return node
  }

  /** SIGKILL: the links are reset, nothing of the node reaches the store any more, its supervisor sees it exit. */
  async kill(node: HoldfastNode): Promise<void> {
    const { node: name, incarnation } = node.self()
    this.#dead.add(name)
    this.network.kill(name)
    await this.store.tombstone(incarnation, 'its process exited')
  }

  #mortal(name: string): MemoryStore {
    return new Proxy(this.store, {
      get: (store, method) => {
        const call: unknown = Reflect.get(store, method)
        if (typeof call !== 'function') return call
        return (...parameters: unknown[]) =>
          this.#dead.has(name) ? new Promise(() => {}) : Reflect.apply(call, store, parameters)
      },
    })
  }

  node(name: string): HoldfastNode {
    const node = this.nodes.get(name)
    assert.ok(node)
    return node
  }

  /** The node that owns the conversation. */
  async owner(): Promise<HoldfastNode> {
    const owner = await this.store.ownerOf(CONVERSATION)
    assert.ok(owner)
    return this.node(owner.node)
  }

  async submit(node: HoldfastNode, submission: Submission) {
    const reply = node.conversations.submit(CONVERSATION, submission)
    let settled: Awaited<typeof reply> | undefined
    void reply.then((value) => {
      settled = value
    })
    for (let waitedMs = 0; !settled && waitedMs < 20_000; waitedMs += 10) await this.clock.advance(10)
    return settled
  }
}

function watcher(): Subscriber & { seqs: number[]; statuses: string[] } {
  const seqs: number[] = []
  const statuses: string[] = []
  return {
    seqs,
    statuses,
    events: (_conversation, records: readonly EventRecord[]) => seqs.push(...records.map(({ seq }) => seq)),
    ephemeral() {},
    status: (_conversation, status) => statuses.push(status),
    ended: (_conversation, { code }) => statuses.push(code),
  }
}

async function cluster(chats = 3): Promise<TestCluster> {
  const made = new TestCluster()
  await made.add('e1', ['edge'])
  for (let i = 1; i <= chats; i++) await made.add(`n${i}`, ['chat'])
  await made.clock.advance(2000)
  return made
}

test('a visitor who opens a conversation behind an edge reads every event once and in order', async () => {
  const made = await cluster()
  const edge = made.node('e1')
  assert.deepEqual(await made.submit(edge, open), { kind: 'ack', seq: 1 })
  const seen = watcher()
  edge.conversations.attach(CONVERSATION, 0, seen)
  for (let n = 1; n <= 5; n++) assert.deepEqual(await made.submit(edge, say(n, `m${n}`)), { kind: 'ack', seq: n + 2 })
  assert.deepEqual(seen.seqs, [1, 2, 3, 4, 5, 6, 7])
})

test('[LO3] a retry gets the seq of its first time, also on another owner', async () => {
  const made = await cluster()
  const edge = made.node('e1')
  await made.submit(edge, open)
  const first = await made.submit(edge, say(1, 'once'))
  const from = await made.owner()
  const to = ['n1', 'n2', 'n3'].find((name) => name !== from.self().node) ?? ''
  const moved = from.move(CONVERSATION, to)
  await made.clock.advance(500)
  assert.equal(await moved, true)
  assert.deepEqual(await made.submit(edge, say(1, 'once')), first)
})

test('[OW4] a conversation whose owner was killed goes on elsewhere within a second, and its watcher misses nothing', async () => {
  const made = await cluster()
  const edge = made.node('e1')
  await made.submit(edge, open)
  const seen = watcher()
  edge.conversations.attach(CONVERSATION, 0, seen)
  await made.submit(edge, say(1, 'before'))
  await made.kill(await made.owner())
  const begun = made.clock.monotonicMs()
  assert.deepEqual(await made.submit(edge, say(2, 'after')), { kind: 'ack', seq: 4 })
  assert.ok(made.clock.monotonicMs() - begun <= 1000, `took ${made.clock.monotonicMs() - begun} ms`)
  assert.deepEqual(seen.seqs, [1, 2, 3, 4])
})

test('[SV8] a drain moves every conversation, and nothing is refused on the way', async () => {
  const made = await cluster()
  const edge = made.node('e1')
  await made.submit(edge, open)
  const from = await made.owner()
  const drained = from.drain({ deadlineMs: 10_000, finish: false })
  const during = made.submit(edge, say(1, 'during'))
  await made.clock.advance(1000)
  assert.equal((await drained).kind, 'empty')
  assert.deepEqual(await during, { kind: 'ack', seq: 3 })
  assert.notEqual((await made.owner()).self().node, from.self().node)
})

test('[CL10] a second living process of one name is refused', async () => {
  const made = await cluster(1)
  const refused = assert.rejects(made.add('n1', ['chat']), { name: 'NameTaken' })
  await made.clock.advance(10_000)
  await refused
})

test('[CL8] every conversation of a dead node is adopted, looked at or not', async () => {
  const made = await cluster()
  const edge = made.node('e1')
  const conversations = Array.from({ length: 80 }, (_, i) => idFromBits(BigInt(i + 1) * 99_991n))
  for (const conversation of conversations) void edge.conversations.submit(conversation, open)
  await made.clock.advance(500)
  const dead = made.node('n2')
  assert.ok(dead.owned().length > 0)
  await made.kill(dead)
  await made.clock.advance(1500)
  for (const conversation of conversations) assert.notEqual((await made.store.ownerOf(conversation))?.node, 'n2')
})

test('[OW3] [SV4] a node that was silent past its lease answers nothing, and lives on as another incarnation', async () => {
  const made = await cluster()
  const edge = made.node('e1')
  await made.submit(edge, open)
  const silent = await made.owner()
  const before = silent.self()
  await made.store.tombstone(before.incarnation, 'silent')
  await made.clock.advance(1000)
  assert.notEqual(silent.self().incarnation, before.incarnation)
  assert.notEqual((await made.store.ownerOf(CONVERSATION))?.incarnation, before.incarnation)
  assert.deepEqual(await made.submit(edge, say(1, 'on')), { kind: 'ack', seq: 3 })
})

test('[CL9] what a node owns in the store without knowing it is claimed again', async () => {
  const made = await cluster(1)
  await made.store.open(CONVERSATION, made.node('n1').self())
  await made.clock.advance(6000)
  assert.deepEqual(
    made
      .node('n1')
      .owned()
      .map(({ conversation }) => conversation),
    [CONVERSATION],
  )
})

test('[SV10] a closed conversation rests in the store, and answers a retry all the same', async () => {
  const made = await cluster(1)
  const edge = made.node('e1')
  await made.submit(edge, open)
  await made.submit(edge, { sender: visitor, key: 'bye', command: { type: 'close', reason: 'by-visitor' } })
  await made.clock.advance(60_000)
  assert.equal(made.node('n1').owned().length, 0)
  assert.deepEqual(
    await made.submit(edge, { sender: visitor, key: 'bye', command: { type: 'close', reason: 'by-visitor' } }),
    { kind: 'ack', seq: 3 },
  )
})

test('[CL7] a draining node is not asked for new conversations, and a backup only when nobody else is there', async () => {
  const made = await cluster(1)
  await made.add('b1', ['backup'])
  await made.clock.advance(1000)
  const edge = made.node('e1')
  await made.submit(edge, open)
  assert.equal((await made.owner()).self().node, 'n1')
  const drained = made.node('n1').drain({ deadlineMs: 5000, finish: false })
  await made.clock.advance(3000)
  assert.equal((await drained).kind, 'empty')
  assert.equal((await made.owner()).self().node, 'b1')
})

test('[SV11] a node that no other node can reach lets go of its conversations, though the store hears it', async () => {
  const made = await cluster()
  const edge = made.node('e1')
  await made.submit(edge, open)
  const hidden = await made.owner()
  made.network.kill(hidden.self().node)
  assert.deepEqual(await made.submit(edge, say(1, 'anybody there?')), { kind: 'ack', seq: 3 })
  assert.notEqual((await made.owner()).self().node, hidden.self().node)
  assert.equal(hidden.owned().length, 0)
})
