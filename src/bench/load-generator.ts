import type { Clock } from '../base/clock.ts'
import type { ConversationId, ParticipantId, Seq } from '../base/ids.ts'
import type { ConnectionPorts } from '../web/connection/ports.ts'
import type { ClientHistory } from './client-history.ts'
import { LoadClient, type Pace } from './load-client.ts'
import { waitUntil } from './wait-until.ts'

/** Who may sit in a conversation: what a system's token desk gave out. */
export interface Seat {
  readonly sender: ParticipantId
  readonly token: string
}

export interface LoadedConversation {
  readonly conversation: ConversationId
  readonly visitor: Seat
  readonly agent: Seat
}

export interface LoadOptions {
  readonly ports: ConnectionPorts
  /** Clients prefer them in turn; each knows all. */
  readonly addresses: readonly string[]
  readonly conversations: readonly LoadedConversation[]
  readonly visitorPace: Pace
  readonly agentPace: Pace
  readonly textLength: number
}

/** The load did not do in time what it must: the message says what, and by whom. */
export class LoadFailure extends Error {
  override readonly name = 'LoadFailure'
}

const BEGIN_PATIENCE_MS = 30_000

/** Many conversations in one process, one visitor and one agent each, who speak until told to stop. */
export class LoadGenerator {
  readonly #clock: Clock
  readonly #visitors: readonly LoadClient[]
  readonly #agents: readonly LoadClient[]
  #stayed = false
  #stopped = false

  constructor({ ports, addresses, conversations, visitorPace, agentPace, textLength }: LoadOptions) {
    this.#clock = ports.clock
    const client = (index: number, role: 'visitor' | 'agent') => {
      const { conversation, [role]: seat } = conversations[index] as LoadedConversation
      const shift = index % addresses.length
      return new LoadClient(ports, {
        name: `${role}-${index}`,
        ...seat,
        audience: role === 'agent' ? 'staff' : 'everyone',
        conversation,
        addresses: [...addresses.slice(shift), ...addresses.slice(0, shift)],
        pace: role === 'agent' ? agentPace : visitorPace,
        textLength,
      })
    }
    this.#visitors = conversations.map((_, index) => client(index, 'visitor'))
    this.#agents = conversations.map((_, index) => client(index, 'agent'))
  }

  get clients(): readonly LoadClient[] {
    return [...this.#visitors, ...this.#agents]
  }

  get socketsClosed(): number {
    return this.clients.reduce((sum, { socketsClosed }) => sum + socketsClosed, 0)
  }

  get refusals(): number {
    return this.clients.reduce((sum, { refusals }) => sum + refusals, 0)
  }

  /** Visitors open their conversations, agents join; then all speak. */
  async begin(): Promise<void> {
    for (const visitor of this.#visitors) visitor.connect()
    await this.#until('were given their conversation', this.#visitors, ({ lastSeq }) => lastSeq > 0)
    for (const agent of this.#agents) {
      agent.connect()
      agent.say({ type: 'join' })
    }
    await this.#until('joined', this.#agents, ({ unanswered, lastSeq }) => unanswered === 0 && lastSeq > 0)
    for (const client of this.clients) client.talk()
    await this.#until('were answered', this.#visitors, ({ unanswered, lastSeq }) => unanswered === 0 || lastSeq > 3)
  }

  /** Nobody speaks any more; waits until everything said is answered. */
  async hush(patienceMs: number): Promise<void> {
    for (const client of this.clients) client.hush()
    await this.#until('were answered at the end', this.clients, ({ unanswered }) => unanswered === 0, patienceMs)
  }

  /** Waits until every client was given its conversation up to its end in the log. */
  async catchUp(heads: ReadonlyMap<ConversationId, Seq>, patienceMs: number): Promise<void> {
    const done = ({ conversation, lastSeq }: LoadClient) => lastSeq >= (heads.get(conversation) ?? 0)
    await this.#until('were given everything', this.clients, done, patienceMs)
    this.#stayed = true
  }

  histories(): readonly ClientHistory[] {
    return this.clients.map((client) => client.history(this.#stayed))
  }

  /** Whoever waits for the load is told at once. */
  stop(): void {
    this.#stopped = true
    for (const client of this.clients) client.stop()
  }

  async #until(
    what: string,
    clients: readonly LoadClient[],
    done: (client: LoadClient) => boolean,
    patienceMs = BEGIN_PATIENCE_MS,
  ): Promise<void> {
    const waiting = () => clients.filter((client) => !done(client))
    const took = await waitUntil(this.#clock, { patienceMs }, () => this.#stopped || clients.every(done))
    if (this.#stopped) throw new LoadFailure('The load was stopped.')
    const [first] = took === undefined ? waiting() : []
    if (!first) return
    throw new LoadFailure(
      `${clients.length - waiting().length} of ${clients.length} clients ${what} within ${patienceMs} ms; not ${first.name} of ${first.conversation} (${first.unanswered} unanswered, given up to ${first.lastSeq})`,
    )
  }
}
