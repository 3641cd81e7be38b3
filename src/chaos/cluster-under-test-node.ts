import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { EventRecord } from '../base/event-record.ts'
import type { ConversationId, Incarnation, NodeName, Seq } from '../base/ids.ts'
import { silentLog } from '../base/log.ts'
import type { MetricName } from '../base/metrics.ts'
import { realRandom } from '../base/real-random-node.ts'
import type { LoadedConversation, Seat } from '../bench/load-generator.ts'
import type { ClusterAnswer, NodeRow, TokenAnswer } from '../protocol/rest-answers.ts'
import { PostgresStore } from '../store/postgres-store.ts'
import type { ClusterWires } from './cluster-wires-node.ts'

/** One node of the cluster: its process, and what the cluster itself says of it. */
export interface NodeUnderTest {
  readonly name: NodeName
  readonly role: NodeRow['role']
  readonly pid: number
  /** Absent while no node of that name is known to the cluster. */
  readonly row?: NodeRow
}

/** How a drain goes, as `GET /api/cluster/nodes/:name/drain` tells it. */
export interface DrainView {
  readonly phase: 'none' | 'running' | 'empty' | 'expired'
  readonly total: number
  readonly left: number
  readonly moved: number
  readonly sentence: string
}

export interface ClusterOptions {
  /** Kept afterwards; absent: a temporary one that goes. */
  readonly dataDir?: string
  readonly chats?: number
  readonly edges?: number
  /** Settings of the nodes, as environment variables. */
  readonly settings?: Readonly<Record<string, string>>
  /** Proxies on all ways between clients, nodes and database; absent: they meet directly. */
  readonly wires?: ClusterWires
}

interface ReadyLine {
  readonly event: 'up'
  readonly urls: readonly string[]
  readonly adminToken: string
  readonly database: string
  readonly nodes: readonly { name: NodeName; role: NodeRow['role']; pid: number }[]
}

type Line =
  | ReadyLine
  | { readonly event: 'ready' | 'exit'; readonly node: NodeName; readonly pid: number; readonly sentence: string }
  | { readonly done: string }
  | { readonly error: string }

const PROGRAM = fileURLToPath(new URL('../../bin/holdfast.js', import.meta.url))
const START_PATIENCE_MS = 90_000
const STOP_PATIENCE_MS = 15_000
const CALL_PATIENCE_MS = 3000
/** Before anything is done to the cluster a slow answer only means that the machine is busy. */
const SEAT_PATIENCE_MS = 30_000
const READ_PAGE = 1000
const SEATS_AT_ONCE = 8
// Everything here comes from one address, as no real crowd does.
const LIMITS = {
  HOLDFAST_LIMITS_REQUESTS_PER_MINUTE: '1000000',
  HOLDFAST_LIMITS_VISITOR_TOKENS_PER_MINUTE: '1000000',
}

/** A cluster of real processes of our own, started by `holdfast up` and tormented from outside. */
export class ClusterUnderTest {
  readonly #child: ChildProcess
  readonly #dataDir: string
  readonly #kept: boolean
  readonly #wires: ClusterWires | undefined
  readonly #pids = new Map<NodeName, { role: NodeRow['role']; pid: number }>()
  /** Nodes whose process ended and has no successor yet that serves. */
  readonly #gone = new Set<NodeName>()
  readonly #answers: ((line: { done: string } | { error: string }) => void)[] = []
  #urls: readonly string[] = []
  #adminToken = ''
  #database = ''
  #store: PostgresStore | undefined
  #lastWords = ''
  #stopping: Promise<void> | undefined

  private constructor(child: ChildProcess, dataDir: string, kept: boolean, wires: ClusterWires | undefined) {
    this.#child = child
    this.#dataDir = dataDir
    this.#kept = kept
    this.#wires = wires
  }

  /** Resolves when every node serves. */
  static async start({
    dataDir,
    chats = 3,
    edges = 2,
    settings,
    wires,
  }: ClusterOptions = {}): Promise<ClusterUnderTest> {
    const directory = dataDir ?? (await mkdtemp(join(tmpdir(), 'holdfast-chaos-')))
    const words = ['up', '--json', '--control', '--no-demo', '--data', directory]
    const size = ['--nodes', String(chats), '--edges', String(edges)]
    const ports = wires ? await wires.wordsForUp(directory) : ['--port', '0']
    const child = spawn(process.execPath, [PROGRAM, ...words, ...size, ...ports], {
      env: { ...withoutSettings(process.env), ...LIMITS, ...settings },
      stdio: ['pipe', 'pipe', 'pipe'],
      // Out of the terminal's group: Ctrl-C comes to us, and we end the cluster in order.
      detached: true,
    })
    const cluster = new ClusterUnderTest(child, directory, dataDir !== undefined, wires)
    try {
      await cluster.#ready()
      return cluster
    } catch (error) {
      await cluster.stop()
      throw error
    }
  }

  /** Where logs and database are. */
  get dataDir(): string {
    return this.#dataDir
  }

  /** The process of `up`, the parent of all others. */
  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** All nodes; a node that came back has a new one. */
  get pids(): ReadonlyMap<NodeName, { readonly role: NodeRow['role']; readonly pid: number }> {
    return this.#pids
  }

  /** Where the database is, without a proxy between. */
  get database(): string {
    return this.#database
  }

  get socketAddresses(): readonly string[] {
    return this.#urls.map((url) => `${url.replace(/^http/, 'ws')}/connect`)
  }

  /** All nodes, by the first edge that answers. */
  async nodes(): Promise<readonly NodeUnderTest[]> {
    const { nodes } = await this.#cluster()
    return [...this.#pids].map(([name, { role, pid }]) => {
      const row = nodes.findLast((each) => each.name === name && each.state !== 'dead')
      return { name, role, pid, ...(row && { row }) }
    })
  }

  /** Sums over all nodes that answer; a node that was killed begins at 0 again. */
  async counters(): Promise<Readonly<Partial<Record<MetricName, number>>>> {
    return (await this.#cluster()).counters
  }

  /** Whether every node serves, and all of them are known to each other as alive. */
  async whole(): Promise<boolean> {
    if (this.#gone.size > 0) return false
    try {
      const { nodes } = await this.#cluster()
      return [...this.#pids.keys()].every((name) =>
        nodes.some((row) => row.name === name && row.state === 'live' && row.mode === 'enabled'),
      )
    } catch {
      return false
    }
  }

  /** Whether this run of a node is alive by its beats. */
  async livesOn(node: NodeName, incarnation: Incarnation): Promise<boolean> {
    const found = (await this.nodes().catch(() => [])).find(({ name }) => name === node)
    return found?.row?.incarnation === incarnation && found.row.state === 'live'
  }

  /** SIGKILL. The proxies before it refuse calls then, as its own port would. */
  kill(node: NodeName): void {
    this.signal(node, 'SIGKILL')
    this.#wires?.refuseUntilBack(node)
  }

  signal(node: NodeName, signal: NodeJS.Signals): void {
    const found = this.#pids.get(node)
    if (!found) throw new Error(`There is no node called ${node}.`)
    process.kill(found.pid, signal)
  }

  /** SIGKILL to PostgreSQL, and a start on the same port. Resolves when it answers again. */
  async restartDatabase(): Promise<void> {
    await this.#command({ verb: 'restart-database' })
  }

  async drain(node: NodeName, deadlineMs: number): Promise<void> {
    await this.#call('POST', `/api/cluster/nodes/${node}/drain`, { deadlineMs })
  }

  drainState(node: NodeName): Promise<DrainView> {
    return this.#call('GET', `/api/cluster/nodes/${node}/drain`)
  }

  /** How many conversations an incarnation owns, by the store itself. */
  async ownedBy(incarnation: Incarnation): Promise<number> {
    return (await this.#storeOf().ownedBy(incarnation, 100_000)).length
  }

  /** Tokens for a visitor and an agent of each of `count` new conversations. */
  async seats(count: number): Promise<readonly LoadedConversation[]> {
    const seats: LoadedConversation[] = []
    let begun = 0
    const lane = async () => {
      while (begun < count) {
        const index = begun++
        const conversation = realRandom.id()
        const visitor = await this.visitorSeat(conversation)
        const agent = await this.agentSeat(`agent-${index}`)
        seats[index] = { conversation, visitor, agent }
      }
    }
    await Promise.all(Array.from({ length: SEATS_AT_ONCE }, lane))
    return seats
  }

  visitorSeat(conversation: ConversationId): Promise<Seat> {
    return this.#seat({ kind: 'visitor', name: 'Visitor', conversation })
  }

  agentSeat(subject: string): Promise<Seat> {
    return this.#seat({ kind: 'staff', name: subject, subject, role: 'agent', scopes: ['conversations'] })
  }

  /** The last place in the log of a conversation. */
  async headOf(conversation: ConversationId): Promise<Seq> {
    return (await this.#storeOf().read(conversation, 0, 1))?.headSeq ?? 0
  }

  /** The whole log of a conversation, from the database and not by any node. */
  async readLog(conversation: ConversationId): Promise<readonly EventRecord[]> {
    const records: EventRecord[] = []
    for (;;) {
      const page = await this.#storeOf().read(conversation, records.at(-1)?.seq ?? 0, READ_PAGE)
      records.push(...(page?.records ?? []))
      if (!page || page.records.length < READ_PAGE) return records
    }
  }

  /** Ends every process and removes what was temporary. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    await this.#store?.close().catch(() => {})
    // A stopped process cannot end.
    for (const { pid } of this.#pids.values()) signalIfAlive(pid, 'SIGCONT')
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit')
      this.#child.stdin?.end()
      const late = await Promise.race([ended.then(() => false), sleep(STOP_PATIENCE_MS, true, { ref: false })])
      if (late) {
        for (const { pid } of this.#pids.values()) signalIfAlive(pid, 'SIGKILL')
        this.#child.kill('SIGKILL')
        await ended
      }
    }
    if (!this.#kept) await rm(this.#dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }

  async #ready(): Promise<void> {
    const { stdout, stderr } = this.#child
    if (!stdout || !stderr) throw new Error('The cluster has no output.')
    this.#child.stdin?.on('error', () => {})
    createInterface({ input: stderr }).on('line', (line) => {
      this.#lastWords = line
    })
    const up = new Promise<ReadyLine>((resolve) => {
      createInterface({ input: stdout }).on('line', (text) => {
        const line = lineOf(text)
        if (line && 'event' in line && line.event === 'up') resolve(line)
        else if (line) this.#heard(line)
      })
    })
    const ended = once(this.#child, 'exit').then(() => undefined)
    const line = await Promise.race([up, ended, sleep(START_PATIENCE_MS, undefined, { ref: false })])
    if (!line) throw new Error(`The cluster did not start: ${this.#lastWords || 'it said nothing'}`)
    this.#urls = line.urls
    this.#adminToken = line.adminToken
    this.#database = line.database
    for (const { name, role, pid } of line.nodes) this.#pids.set(name, { role, pid })
    this.#store = new PostgresStore({ url: line.database, log: silentLog, applicationName: 'holdfast chaos' })
  }

  #heard(line: Exclude<Line, ReadyLine>): void {
    if ('event' in line) {
      const known = this.#pids.get(line.node)
      if (line.event === 'exit') this.#gone.add(line.node)
      else if (known) {
        this.#pids.set(line.node, { ...known, pid: line.pid })
        this.#gone.delete(line.node)
      }
    } else this.#answers.shift()?.(line)
  }

  async #command(command: { readonly verb: string }): Promise<void> {
    const answered = new Promise<{ done: string } | { error: string }>((resolve) => this.#answers.push(resolve))
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`)
    const answer = await answered
    if ('error' in answer) throw new Error(answer.error)
  }

  #cluster(): Promise<ClusterAnswer> {
    return this.#call('GET', '/api/cluster')
  }

  async #seat(body: object): Promise<Seat> {
    const { subject, token } = await this.#call<TokenAnswer>('POST', '/api/tokens', body, SEAT_PATIENCE_MS)
    return { sender: subject, token }
  }

  /** Asks one edge after the other: one of them may have been killed. */
  async #call<Answer>(
    method: 'GET' | 'POST',
    path: string,
    body?: object,
    patienceMs = CALL_PATIENCE_MS,
  ): Promise<Answer> {
    let failure: unknown
    for (const url of this.#urls) {
      try {
        const response = await fetch(url + path, {
          method,
          headers: { authorization: `Bearer ${this.#adminToken}`, 'content-type': 'application/json' },
          ...(body && { body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(patienceMs),
        })
        if (response.ok) return (await response.json()) as Answer
        failure = new Error(`${method} ${path} was answered ${response.status}: ${await response.text()}`)
      } catch (error) {
        failure = error
      }
    }
    throw failure
  }

  #storeOf(): PostgresStore {
    if (!this.#store) throw new Error('The cluster is not up.')
    return this.#store
  }
}

function lineOf(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line
  } catch {
    return undefined
  }
}

/** Settings of the caller's own cluster are not for this one. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('HOLDFAST_')))
}

function signalIfAlive(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended already.
  }
}
