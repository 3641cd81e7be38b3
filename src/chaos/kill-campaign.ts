import type { NodeName } from '../base/ids.ts'
import type { NodeUnderTest } from './cluster-under-test-node.ts'
import type { Gap } from './gap-statistics.ts'
import { LoadedCluster, type LoadedClusterOptions, type Verdict } from './loaded-cluster.ts'
import { SeededDice } from './seeded-dice.ts'

/** What is done to whom. */
export const FAULT_KINDS = {
  chat: 'SIGKILL of a chat node that owns conversations',
  edge: 'SIGKILL of an edge with clients',
  pause: 'SIGSTOP of a chat node for 1 to 10 s',
  database: 'SIGKILL and restart of PostgreSQL',
} as const

export type FaultTarget = keyof typeof FAULT_KINDS

export interface Trial {
  readonly victim: NodeName
  /** Conversations that the victim owned. */
  readonly owned: number
  /** Only of a pause: how long it lasted. */
  readonly faultMs?: number
  /** The client that waited longest. */
  readonly worst?: Gap
  /** From the fault until the victim's incarnation owned nothing any more; absent: nothing to adopt, or not in time. */
  readonly adoptedMs?: number
  /** From the fault until every client was served again; absent: not in time. */
  readonly servedMs?: number
  /** From the fault until the cluster was whole; absent: not in time. */
  readonly wholeMs?: number
  readonly socketsClosed: number
}

export interface KillResult {
  readonly trials: readonly Trial[]
  readonly verdict: Verdict
  /** What the nodes counted until the end; those that were killed began again at 0. */
  readonly counters: Readonly<Record<string, number>>
}

export interface KillOptions extends LoadedClusterOptions {
  readonly target: FaultTarget
  readonly kills: number
  readonly seed: number
  readonly onProgress: (done: number, total: number, note: string) => void
  /** Called with the cluster as soon as it is there, so that whoever interrupts can end it. */
  readonly onStarted: (running: LoadedCluster) => void
}

// The instant of a fault is drawn from this, so that it falls anywhere within beats, batches and turns.
const CALM_MS_MIN = 400
const CALM_MS_MAX = 1600
const PAUSE_MS_MIN = 1000
const PAUSE_MS_MAX = 10_000
const SERVED_PATIENCE_MS = 20_000
const ADOPTED_PATIENCE_MS = 15_000
const TOLD: readonly string[] = ['adoptions', 'claims', 'fenced_appends', 'indefinite_appends', 'lease_losses']

/** Faults, one after the other, on a cluster of its own under load; each waits until the one before is healed. */
export async function killCampaign(options: KillOptions): Promise<KillResult> {
  options.onProgress(0, options.kills, 'starting a cluster')
  const running = await LoadedCluster.start(options)
  options.onStarted(running)
  try {
    await running.load.begin()
    const campaign = new KillCampaign(running, options)
    const trials: Trial[] = []
    while (trials.length < options.kills) {
      const trial = await campaign.trial()
      trials.push(trial)
      options.onProgress(trials.length, options.kills, `${trial.victim}: ${Math.round(trial.worst?.gapMs ?? 0)} ms`)
    }
    const verdict = await running.judge()
    const counters = Object.entries(await running.cluster.counters()).filter(([name]) => TOLD.includes(name))
    return { trials, verdict, counters: Object.fromEntries(counters) }
  } finally {
    await running.stop()
  }
}

class KillCampaign {
  readonly #running: LoadedCluster
  readonly #options: KillOptions
  readonly #dice: SeededDice

  constructor(running: LoadedCluster, options: KillOptions) {
    this.#running = running
    this.#options = options
    this.#dice = new SeededDice(options.seed)
  }

  async trial(): Promise<Trial> {
    const { load } = this.#running
    const { clock } = this.#options.ports
    await this.#running.rest(this.#dice.between(CALM_MS_MIN, CALM_MS_MAX))
    const victim = await this.#victim()
    const closedBefore = load.socketsClosed
    const faultAtMs = clock.monotonicMs()
    const fault = this.#strike(victim)
    const [adoptedMs, servedMs, faultMs] = await Promise.all([
      this.#adopted(victim),
      this.#running.servedSince(faultAtMs, SERVED_PATIENCE_MS),
      fault,
    ])
    const whole = await this.#running.whole()
    const untilMs = clock.monotonicMs()
    const worst = this.#running.worstGap(faultAtMs, untilMs)
    return {
      victim: victim?.name ?? 'database',
      owned: victim?.row?.owned ?? 0,
      socketsClosed: load.socketsClosed - closedBefore,
      ...(worst && { worst }),
      ...(adoptedMs !== undefined && { adoptedMs }),
      ...(servedMs !== undefined && { servedMs }),
      ...(whole !== undefined && { wholeMs: untilMs - faultAtMs }),
      ...(this.#options.target === 'pause' && faultMs !== undefined && { faultMs }),
    }
  }

  /** `undefined`: the database. */
  async #victim(): Promise<NodeUnderTest | undefined> {
    const { target } = this.#options
    if (target === 'database') return undefined
    const nodes = await this.#running.cluster.nodes()
    const used = ({ role, row }: NodeUnderTest) =>
      target === 'edge' ? role === 'edge' && (row?.sockets ?? 0) > 0 : role === 'chat' && (row?.owned ?? 0) > 0
    const fitting = nodes.filter(used)
    const victim = this.#dice.pick(fitting)
    if (!victim)
      throw new Error(`No node fits a fault of the kind "${target}": none owns a conversation, or has clients.`)
    return victim
  }

  /** Resolves when the fault is over, with its length where it has one. */
  async #strike(victim: NodeUnderTest | undefined): Promise<number | undefined> {
    const { cluster } = this.#running
    if (!victim) {
      await cluster.restartDatabase()
      return undefined
    }
    if (this.#options.target !== 'pause') {
      cluster.signal(victim.name, 'SIGKILL')
      return undefined
    }
    const forMs = this.#dice.between(PAUSE_MS_MIN, PAUSE_MS_MAX)
    cluster.signal(victim.name, 'SIGSTOP')
    await this.#running.rest(forMs)
    cluster.signal(victim.name, 'SIGCONT')
    return forMs
  }

  async #adopted(victim: NodeUnderTest | undefined): Promise<number | undefined> {
    const incarnation = victim?.row?.owned ? victim.row.incarnation : undefined
    if (incarnation === undefined) return undefined
    const left = async () => (await this.#running.cluster.leftWith(incarnation)) === 0
    return this.#running.wait({ patienceMs: ADOPTED_PATIENCE_MS, everyMs: 25 }, left)
  }
}
