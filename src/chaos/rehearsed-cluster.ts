import type { EventRecord } from '../base/event-record.ts'
import type { ConversationId, Epoch, NodeName } from '../base/ids.ts'
import type { LoadedConversation, Seat } from '../bench/load-generator.ts'
import type { WireEvent } from '../protocol/client-frames.ts'
import type { ClusterAnswer, EventsAnswer, NodeAct, OwnedRow, TokenAnswer } from '../protocol/rest-answers.ts'
import type { DrainView } from './cluster-under-test-node.ts'

// What the cluster answers does not say who may see it.
const HIDDEN: ReadonlySet<string> = new Set(['note', 'whisper'])

/** The REST side of a cluster; both reject with one sentence for the operator. */
export interface RestCalls {
  get<Answer>(path: string): Promise<Answer>
  post<Answer>(path: string, body?: object): Promise<Answer>
}

/** Who owns a conversation, and since which epoch: a node that came back under its name is another owner. */
export interface Ownership {
  readonly epoch: Epoch
  readonly owner?: NodeName
}

/** Seats of the canaries, and where their clients connect. */
export interface CanarySeats {
  readonly conversations: readonly LoadedConversation[]
  readonly addresses: readonly string[]
}

const READ_PAGE = 1000

/** An operator's own cluster, seen and moved by its public REST only. */
export class RehearsedCluster {
  readonly #calls: (token?: string) => RestCalls
  readonly #admin: RestCalls

  /** `calls` without a token are the operator's. */
  constructor(calls: (token?: string) => RestCalls) {
    this.#calls = calls
    this.#admin = calls()
  }

  view(): Promise<ClusterAnswer> {
    return this.#admin.get('/api/cluster')
  }

  /** Of these conversations; one that is unknown or rests has no row. */
  async ownership(of: readonly ConversationId[]): Promise<ReadonlyMap<ConversationId, Ownership>> {
    const { ownership } = await this.#admin.get<{ ownership: readonly OwnedRow[] }>('/api/cluster/conversations')
    return new Map(
      ownership.filter(({ conversation }) => of.includes(conversation)).map((row) => [row.conversation, row]),
    )
  }

  async act(node: NodeName, act: NodeAct, body: object = {}): Promise<void> {
    await this.#admin.post(`/api/cluster/nodes/${encodeURIComponent(node)}/${act}`, body)
  }

  drainState(node: NodeName): Promise<DrainView> {
    return this.#admin.get(`/api/cluster/nodes/${encodeURIComponent(node)}/drain`)
  }

  async move(conversation: ConversationId, from: NodeName, to: NodeName): Promise<void> {
    await this.#admin.post(`/api/cluster/nodes/${encodeURIComponent(from)}/move`, { conversation, to })
  }

  /** Tokens for the visitor and the agent of so many new conversations. */
  async seats(count: number): Promise<CanarySeats> {
    const conversations: LoadedConversation[] = []
    let addresses: readonly string[] = []
    for (let index = 0; index < count; index++) {
      const visitor = await this.#token({ kind: 'visitor', name: 'Canary', topic: 'Rehearsal' })
      const subject = `rehearsal-agent-${index}`
      const agent = await this.#token({ kind: 'staff', name: 'Rehearsal', subject, scopes: ['conversations'] })
      if (visitor.conversation === undefined)
        throw new Error('The cluster gave a visitor token without a conversation.')
      conversations.push({ conversation: visitor.conversation, visitor: seatOf(visitor), agent: seatOf(agent) })
      addresses = visitor.addresses
    }
    return { conversations, addresses }
  }

  /** The log as the cluster reads it to the agent. */
  async readLog({ conversation, agent }: LoadedConversation): Promise<readonly EventRecord[]> {
    const calls = this.#calls(agent.token)
    const records: EventRecord[] = []
    for (;;) {
      const after = records.at(-1)?.seq ?? 0
      const path = `/api/conversations/${conversation}/events?after=${after}&limit=${READ_PAGE}`
      const { events } = await calls.get<EventsAnswer>(path)
      for (const event of events) if (event.type !== 'skip') records.push(recordOf(event as WireEvent))
      if (events.length < READ_PAGE) return records
    }
  }

  /** Ends a conversation as its visitor. Again is the same. */
  async close({ conversation, visitor }: LoadedConversation): Promise<void> {
    await this.#calls(visitor.token).post(`/api/conversations/${conversation}/close`)
  }

  #token(body: object): Promise<TokenAnswer> {
    return this.#admin.post('/api/tokens', body)
  }
}

function seatOf({ subject, token }: TokenAnswer): Seat {
  return { sender: subject, token }
}

/** Parsing and writing again gives the stored text. Epochs are not told to clients, and so are not judged. */
function recordOf(event: WireEvent): EventRecord {
  const { seq, at, from: sender, key } = event
  return {
    seq,
    epoch: 0,
    at,
    audience: HIDDEN.has(event.type) ? 'staff' : 'everyone',
    sender,
    json: JSON.stringify(event),
    ...(key !== undefined && { key }),
  }
}
