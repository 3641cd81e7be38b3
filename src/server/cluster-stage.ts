import { assert } from '../base/assertion.ts'
import type { EventRecord } from '../base/event-record.ts'
import { idFromBits, type Owner } from '../base/ids.ts'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { memoryMetrics } from '../base/metrics.ts'
import { MemoryNetwork } from '../cluster/memory-network.ts'
import type { Submission, Subscriber } from '../protocol/conversation-port.ts'
import { StoreUnavailable } from '../store/log-store.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { createNode, type HoldfastNode } from './holdfast-node.ts'
import { NODE_DEFAULTS, type NodeSettings } from './node-settings.ts'
import type { Posts } from './posts.ts'

export const CONVERSATION = idFromBits(4711n)
export const visitor = { id: 'v1', role: 'visitor', name: 'Vera' } as const

export function say(n: number, text: string): Submission {
  return {
    sender: visitor,
    key: `k${n}`,
    origin: { instance: 'i1', n, floor: 1 },
    command: { type: 'message', format: 'text', text },
  }
}

export const open: Submission = { sender: visitor, key: 'open', command: { type: 'open', mode: 'live' } }

type StoreMethod = (...parameters: unknown[]) => Promise<unknown>

/** Some nodes in one process on one store, on a clock that the test drives: for tests of whole clusters. */
export class ClusterStage {
  readonly clock = new ManualClock()
  readonly store = new MemoryStore({ now: () => this.clock.wallMs() })
  readonly network = new MemoryNetwork(this.clock)
  readonly nodes = new Map<string, HoldfastNode>()
  /** Of nodes that are added from now on. */
  posts: Posts | undefined
  /** Nodes whose calls reach the store no more: without an answer (`dead`), or refused (`storeless`). */
  readonly #dead = new Set<string>()
  readonly #storeless = new Set<string>()
  /** Calls of a node, by name, that go as the test says. */
  readonly #faults = new Map<string, (call: StoreMethod) => StoreMethod>()
  #ids = 0

  async add(name: string, roles: NodeSettings['roles'], more: Partial<NodeSettings> = {}): Promise<HoldfastNode> {
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
      ...more,
    }
    node = createNode({
      clock: this.clock,
      random,
      log: silentLog,
      metrics: memoryMetrics(),
      logStore: this.#storeOf(name),
      memberStore: this.#storeOf(name),
      network: this.network.of(self),
      ...(this.posts && { posts: this.posts }),
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

  /** Whether the store answers a node. */
  setStore(name: string, state: 'there' | 'away'): void {
    if (state === 'away') this.#storeless.add(name)
    else this.#storeless.delete(name)
  }

  /** Its calls to the store are never answered, as when it is paused. */
  stall(name: string): void {
    this.#dead.add(name)
  }

  /** Puts something around one kind of store call of a node. */
  around(name: string, method: string, fault: (call: StoreMethod) => StoreMethod): void {
    this.#faults.set(`${name}.${method}`, fault)
  }

  #storeOf(name: string): MemoryStore {
    return new Proxy(this.store, {
      get: (store, method) => {
        const found: unknown = Reflect.get(store, method)
        if (typeof found !== 'function') return found
        const call: StoreMethod = (...parameters) => Reflect.apply(found, store, parameters)
        const fault = this.#faults.get(`${name}.${String(method)}`)
        return (...parameters: unknown[]): Promise<unknown> => {
          if (this.#dead.has(name)) return new Promise(() => {})
          if (this.#storeless.has(name)) return Promise.reject(new StoreUnavailable('no route to the store'))
          return fault ? fault(call)(...parameters) : call(...parameters)
        }
      },
    })
  }

  node(name: string): HoldfastNode {
    const node = this.nodes.get(name)
    assert(node, 'the test added a node of that name')
    return node
  }

  /** The node that owns the conversation. */
  async owner(): Promise<HoldfastNode> {
    const owner = await this.store.ownerOf(CONVERSATION)
    assert(owner, 'somebody owns the conversation')
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

  /** Milliseconds until `node` got its submission into the log. */
  async timed(node: HoldfastNode, submission: Submission): Promise<number> {
    const begunMs = this.clock.monotonicMs()
    const reply = await this.submit(node, submission)
    assert(reply?.kind === 'ack', `the submission is taken, not ${JSON.stringify(reply)}`)
    return this.clock.monotonicMs() - begunMs
  }
}

/** Somebody who looks at a conversation and writes down what it is given. */
export function watcher(): Subscriber & { seqs: number[]; statuses: string[] } {
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

/** An edge `e1`, and chat nodes `n1`... */
export async function clusterStage(chats = 3): Promise<ClusterStage> {
  const made = new ClusterStage()
  await made.add('e1', ['edge'])
  for (let i = 1; i <= chats; i++) await made.add(`n${i}`, ['chat'])
  await made.clock.advance(2000)
  return made
}
