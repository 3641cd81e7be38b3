import type { Clock } from '../base/clock.ts'
import type { ConversationId, NodeName, Seq } from '../base/ids.ts'
import { type LoadedConversation, LoadFailure, LoadGenerator } from '../bench/load-generator.ts'
import { waitUntil } from '../bench/wait-until.ts'
import type { ConnectionPorts } from '../web/connection/ports.ts'
import { ClusterUnderTest } from './cluster-under-test-node.ts'
import { ClusterWires } from './cluster-wires-node.ts'
import { type Gap, worstGap } from './gap-statistics.ts'
import { type CheckReport, checkLogsInTurn } from './log-checker.ts'

export interface LoadedClusterOptions {
  readonly ports: ConnectionPorts
  readonly conversations: number
  /** Milliseconds between two messages of one visitor: gaps are measured no finer than this. */
  readonly everyMs: number
  /** Kept afterwards, where given. */
  readonly dataDir?: string
}

/** Somebody ended the cluster in the middle of a campaign. */
export class CampaignStopped extends Error {
  override readonly name = 'CampaignStopped'
}

/** How it ended: what the log and the clients say, and what did not come to rest in time. */
export interface Verdict {
  readonly check: CheckReport
  /** Absent where every command was answered and every client was given everything. */
  readonly unsettled?: string
  readonly messagesPerSecond: number
}

/** Every campaign's cluster, and how people talk on it. */
export const SHAPE = { edges: 2, chats: 3, agentEveryMs: 1000, textLength: 200 } as const

const HUSH_PATIENCE_MS = 20_000
const CATCH_UP_PATIENCE_MS = 15_000
const WHOLE_PATIENCE_MS = 30_000

/** A cluster of real processes with people who talk all the time, until it is judged. */
export class LoadedCluster {
  readonly cluster: ClusterUnderTest
  readonly wires: ClusterWires
  readonly load: LoadGenerator
  readonly #clock: Clock
  readonly #conversations: readonly LoadedConversation[]
  readonly #startMs: number
  #stopped = false

  private constructor(
    { cluster, wires }: { readonly cluster: ClusterUnderTest; readonly wires: ClusterWires },
    load: LoadGenerator,
    clock: Clock,
    conversations: readonly LoadedConversation[],
  ) {
    this.cluster = cluster
    this.wires = wires
    this.load = load
    this.#clock = clock
    this.#conversations = conversations
    this.#startMs = clock.monotonicMs()
  }

  /** Starts the nodes; `talk` begins the load. */
  static async start({ ports, conversations, everyMs, dataDir }: LoadedClusterOptions): Promise<LoadedCluster> {
    const wires = await ClusterWires.open(namesOf('e', SHAPE.edges), namesOf('n', SHAPE.chats))
    let cluster: ClusterUnderTest | undefined
    try {
      const size = { edges: SHAPE.edges, chats: SHAPE.chats }
      cluster = await ClusterUnderTest.start({ ...size, wires, ...(dataDir !== undefined && { dataDir }) })
      const seats = await cluster.seats(conversations)
      const load = new LoadGenerator({
        ports: {
          ...ports,
          // Nodes name their own addresses to clients, too.
          openSocket: (address, handlers) => ports.openSocket(wires.clientAddress(address), handlers),
        },
        addresses: cluster.socketAddresses,
        conversations: seats,
        visitorPace: { kind: 'open', everyMs },
        agentPace: { kind: 'open', everyMs: SHAPE.agentEveryMs },
        textLength: SHAPE.textLength,
      })
      return new LoadedCluster({ cluster, wires }, load, ports.clock, seats)
    } catch (error) {
      await cluster?.stop()
      await wires.close()
      throw error
    }
  }

  /** Like `waitUntil`, and ends at once when the cluster is stopped. */
  wait(
    patience: { readonly patienceMs: number; readonly everyMs?: number },
    condition: () => boolean | Promise<boolean>,
  ): Promise<number | undefined> {
    return waitUntil(this.#clock, patience, () => {
      if (this.#stopped) throw new CampaignStopped('The campaign was stopped.')
      return condition()
    })
  }

  async rest(ms: number): Promise<void> {
    await this.wait({ patienceMs: ms }, () => false)
  }

  /** Every node is there and known to all. Answers how long that took, `undefined` when it took too long. */
  whole(): Promise<number | undefined> {
    return this.wait({ patienceMs: WHOLE_PATIENCE_MS, everyMs: 50 }, () => this.cluster.whole())
  }

  /** Waits until every client was served again after `sinceMs`. */
  servedSince(sinceMs: number, patienceMs: number): Promise<number | undefined> {
    const served = () => this.load.clients.every((client) => client.lastSignMs > sinceMs)
    return this.wait({ patienceMs }, served)
  }

  /** The client that waited longest; `fromMs` counts from the fault. */
  worstGap(faultMs: number, untilMs: number): Gap | undefined {
    const signs = this.load.clients.map((client) => ({ client: client.name, timesMs: client.signsOfLife() }))
    const worst = worstGap(signs, faultMs, untilMs)
    return worst && { ...worst, fromMs: worst.fromMs - faultMs }
  }

  /** Lets everybody end their sentence, reads the logs from the database, and judges. */
  async judge(): Promise<Verdict> {
    const talkedMs = this.#clock.monotonicMs() - this.#startMs
    let unsettled: string | undefined
    const settling = async (step: Promise<void>) => {
      try {
        await step
      } catch (error) {
        if (!(error instanceof LoadFailure)) throw error
        unsettled ??= error.message
      }
    }
    await settling(this.load.hush(HUSH_PATIENCE_MS))
    const heads = new Map<ConversationId, Seq>()
    for (const { conversation } of this.#conversations) heads.set(conversation, await this.cluster.headOf(conversation))
    await settling(this.load.catchUp(heads, CATCH_UP_PATIENCE_MS))
    const check = await checkLogsInTurn((id) => this.cluster.readLog(id), this.load.histories())
    return {
      check,
      messagesPerSecond: Math.round((check.acknowledged * 1000) / talkedMs),
      ...(unsettled !== undefined && { unsettled }),
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.load.stop()
    await this.cluster.stop()
    await this.wires.close()
  }
}

function namesOf(letter: string, count: number): readonly NodeName[] {
  return Array.from({ length: count }, (_, index) => `${letter}${index + 1}`)
}
