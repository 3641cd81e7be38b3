import type { EventRecord } from '../base/event-record.ts'
import type { ConversationId, Incarnation, NodeName, Seq } from '../base/ids.ts'
import { silentLog } from '../base/log.ts'
import type { MetricName } from '../base/metrics.ts'
import { realRandom } from '../base/real-random-node.ts'
import type { LoadedConversation, Seat } from '../bench/load-generator.ts'
import type { ClusterAnswer, NodeRow, TokenAnswer } from '../protocol/rest-answers.ts'
import { PostgresStore } from '../store/postgres-store.ts'
import type { ClusterWires } from './cluster-wires-node.ts'
import { type NodeProcess, UpProcess } from './up-process-node.ts'

/** One node of the cluster: its process, and what the cluster itself says of it. */
export interface NodeUnderTest extends NodeProcess {
  readonly name: NodeName
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

/** A cluster of real processes of our own: it is tormented from outside, and asked by its public REST and its database. */
export class ClusterUnderTest {
  readonly #up: UpProcess
  readonly #wires: ClusterWires | undefined
  readonly #store: PostgresStore

  private constructor(up: UpProcess, wires: ClusterWires | undefined) {
    this.#up = up
    this.#wires = wires
    const url = up.words.database
    this.#store = new PostgresStore({ url, log: silentLog, applicationName: 'holdfast chaos' })
  }

  /** Resolves when every node serves. */
  static async start({
    dataDir,
    chats = 3,
    edges = 2,
    settings,
    wires,
  }: ClusterOptions = {}): Promise<ClusterUnderTest> {
    const up = await UpProcess.start({
      ...(dataDir !== undefined && { dataDir }),
      chats,
      edges,
      settings: { ...LIMITS, ...settings },
      ports: async (directory) => (await wires?.wordsForUp(directory)) ?? ['--port', '0'],
    })
    return new ClusterUnderTest(up, wires)
  }

  /** Where logs and database are. */
  get dataDir(): string {
    return this.#up.dataDir
  }

  /** The process of `up`, the parent of all others. */
  get pid(): number {
    return this.#up.pid
  }

  /** All nodes; a node that came back has a new one. */
  get pids(): ReadonlyMap<NodeName, NodeProcess> {
    return this.#up.pids
  }

  /** Where the database is, without a proxy between. */
  get database(): string {
    return this.#up.words.database
  }

  get socketAddresses(): readonly string[] {
    return this.#up.words.urls.map((url) => `${url.replace(/^http/, 'ws')}/connect`)
  }

  /** All nodes, by the first edge that answers. */
  async nodes(): Promise<readonly NodeUnderTest[]> {
    const { nodes } = await this.#cluster()
    return [...this.pids].map(([name, { role, pid }]) => {
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
    if (!this.#up.complete) return false
    try {
      const { nodes } = await this.#cluster()
      return [...this.pids.keys()].every((name) =>
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
    this.#up.signal(node, signal)
  }

  /** Where operators call each node, in the order of the names, and their token. */
  get operators(): { readonly urls: readonly string[]; readonly token: string } {
    const { urls, adminToken } = this.#up.words
    return { urls, token: adminToken }
  }

  /** SIGKILL to PostgreSQL, and after `awayMs` a start on the same port. Resolves when it answers again. */
  async restartDatabase(awayMs = 0): Promise<void> {
    await this.#up.command('restart-database', { awayMs })
  }

  async drain(node: NodeName, deadlineMs: number): Promise<void> {
    await this.#call('POST', `/api/cluster/nodes/${node}/drain`, { deadlineMs })
  }

  drainState(node: NodeName): Promise<DrainView> {
    return this.#call('GET', `/api/cluster/nodes/${node}/drain`)
  }

  /** How many conversations an incarnation owns, by the store itself. */
  async ownedBy(incarnation: Incarnation): Promise<number> {
    return (await this.#store.ownedBy(incarnation, 100_000)).length
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
    return (await this.#store.read(conversation, 0, 1))?.headSeq ?? 0
  }

  /** The whole log of a conversation, from the database and not by any node. */
  async readLog(conversation: ConversationId): Promise<readonly EventRecord[]> {
    const records: EventRecord[] = []
    for (;;) {
      const page = await this.#store.read(conversation, records.at(-1)?.seq ?? 0, READ_PAGE)
      records.push(...(page?.records ?? []))
      if (!page || page.records.length < READ_PAGE) return records
    }
  }

  /** Ends every process and removes what was temporary. */
  async stop(): Promise<void> {
    await this.#store.close().catch(() => {})
    await this.#up.stop()
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
    const { urls, adminToken } = this.#up.words
    let failure: unknown
    for (const url of urls) {
      try {
        const response = await fetch(url + path, {
          method,
          headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
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
}
