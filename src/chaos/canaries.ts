import type { EventRecord } from '../base/event-record.ts'
import type { ConversationId } from '../base/ids.ts'
import { type LoadedConversation, LoadFailure, LoadGenerator } from '../bench/load-generator.ts'
import type { ConnectionPorts, ConnectionSocket } from '../web/connection/ports.ts'
import { type Gap, worstGap } from './gap-statistics.ts'
import { type CheckReport, checkLog } from './log-checker.ts'
import type { CanarySeats, RehearsedCluster } from './rehearsed-cluster.ts'

/** How a stretch of talk ended. */
interface CanaryCheck {
  /** Over everything since the canaries began. */
  readonly check: CheckReport
  /** Absent where every command was answered and every canary was given everything. */
  readonly unsettled?: string
}

const VISITOR_EVERY_MS = 150
const AGENT_EVERY_MS = 1000
const TEXT_LENGTH = 80
const HUSH_PATIENCE_MS = 20_000
const CATCH_UP_PATIENCE_MS = 15_000

/** A few conversations of our own among those of the people: a visitor and an agent each, who talk during each step. */
export class Canaries {
  readonly #cluster: RehearsedCluster
  readonly #conversations: readonly LoadedConversation[]
  readonly #load: LoadGenerator
  readonly #sockets: Set<ConnectionSocket>

  constructor(cluster: RehearsedCluster, { conversations, addresses }: CanarySeats, ports: ConnectionPorts) {
    this.#cluster = cluster
    this.#conversations = conversations
    const watched = withKnownSockets(ports)
    this.#sockets = watched.sockets
    this.#load = new LoadGenerator({
      ports: watched.ports,
      addresses,
      conversations,
      visitorPace: { kind: 'open', everyMs: VISITOR_EVERY_MS },
      agentPace: { kind: 'open', everyMs: AGENT_EVERY_MS },
      textLength: TEXT_LENGTH,
    })
  }

  get ids(): readonly ConversationId[] {
    return this.#conversations.map(({ conversation }) => conversation)
  }

  get socketsClosed(): number {
    return this.#load.socketsClosed
  }

  /** Opens the conversations; everybody talks from now on. */
  begin(): Promise<void> {
    return this.#load.begin()
  }

  talk(): void {
    for (const client of this.#load.clients) client.talk()
  }

  servedSince(sinceMs: number): boolean {
    return this.#load.clients.every((client) => {
      const signs = client.signsOfLife()
      return (signs[signs.length - 1] ?? 0) > sinceMs
    })
  }

  worstGap(fromMs: number, untilMs: number): Gap | undefined {
    const signs = this.#load.clients.map((client) => ({ client: client.name, timesMs: client.signsOfLife() }))
    return worstGap(signs, fromMs, untilMs)
  }

  /** Ends every socket from our side, without a word to the client library. */
  cut(): number {
    const open = [...this.#sockets]
    for (const socket of open) socket.close()
    return open.length
  }

  /** Lets everybody end the sentence, reads the logs by REST, and compares. */
  async quiet(): Promise<CanaryCheck> {
    let unsettled: string | undefined
    const settling = async (step: Promise<void>) => {
      try {
        await step
      } catch (error) {
        if (!(error instanceof LoadFailure)) throw error
        unsettled ??= error.message
      }
    }
    await settling(this.#load.hush(HUSH_PATIENCE_MS))
    const logs = new Map<ConversationId, readonly EventRecord[]>()
    for (const each of this.#conversations) logs.set(each.conversation, await this.#cluster.readLog(each))
    const heads = new Map([...logs].map(([id, records]) => [id, records.at(-1)?.seq ?? 0]))
    await settling(this.#load.catchUp(heads, CATCH_UP_PATIENCE_MS))
    return { check: checkLog(logs, this.#load.histories()), ...(unsettled !== undefined && { unsettled }) }
  }

  /** Whoever waits for a canary is told at once. */
  stop(): void {
    this.#load.stop()
  }

  /** Ends the conversations. Answers those that could not be ended. */
  async close(): Promise<readonly ConversationId[]> {
    this.stop()
    const open: ConversationId[] = []
    for (const each of this.#conversations)
      await this.#cluster.close(each).catch(() => {
        open.push(each.conversation)
      })
    return open
  }
}

/** The same ports, and the sockets that are open through them. */
function withKnownSockets(ports: ConnectionPorts): { ports: ConnectionPorts; sockets: Set<ConnectionSocket> } {
  const sockets = new Set<ConnectionSocket>()
  const openSocket: ConnectionPorts['openSocket'] = (url, handlers) => {
    const socket = ports.openSocket(url, {
      opened: () => handlers.opened(),
      message: (text) => handlers.message(text),
      closed(code) {
        sockets.delete(socket)
        handlers.closed(code)
      },
    })
    sockets.add(socket)
    return socket
  }
  return { ports: { ...ports, openSocket }, sockets }
}
