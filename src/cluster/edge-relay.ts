import type { Clock } from '../base/clock.ts'
import type { ConversationId, Incarnation, Seq } from '../base/ids.ts'
import type { Log } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import type { Random } from '../base/random.ts'
import { refuse } from '../base/refusals.ts'
import type {
  Attachment,
  ConversationPort,
  Ephemeral,
  OwnerPort,
  ReadReply,
  Submission,
  SubmitReply,
  Subscriber,
} from '../protocol/conversation-port.ts'
import { EdgeConversation, type EdgeLimits, type EdgeSurroundings } from './edge-conversation.ts'
import { localAccess, type OwnerAccess } from './owner-access.ts'
import type { Peers } from './peers.ts'
import type { Ownership } from './relay-frames.ts'
import type { RelayHost } from './relay-host.ts'

export interface EdgeRelayLimits extends EdgeLimits {
  /** Conversations that clients of this node look at or wait for. */
  readonly conversationsMax: number
}

const EDGE_RELAY_LIMITS: EdgeRelayLimits = {
  conversationsMax: 100_000,
  patienceMs: 15_000,
  errandsMax: 256,
  resumingMs: 400,
  stallMs: 2000,
  lingerMs: 1000,
  ringRecords: 256,
  ringCharacters: 256 * 1024,
  page: 256,
  readRetryMs: 250,
}

/**
 * The clients' side of a node: finds the owner of each conversation, on this node or another, follows it when it
 * moves, and sends again what it left unanswered. Clients keep their sockets and hear nothing of it.
 */
export class EdgeRelay implements ConversationPort {
  readonly #limits: EdgeRelayLimits
  readonly #metrics: Metrics
  readonly #surroundings: EdgeSurroundings
  readonly #conversations = new Map<ConversationId, EdgeConversation>()
  #subscribed = 0

  /**
   * `local`: this node's own owner side, on chat nodes. `findOwner`: who owns a conversation as the store has it; asked
   * only after several nodes said `moved`, and it may reject when the store is away. `relocate`: has a node that
   * reaches the owner take a conversation over from it, because this node does not reach it.
   */
  constructor(options: {
    peers: Peers
    host: RelayHost
    local?: OwnerPort | undefined
    clock: Clock
    random: Random
    log: Log
    metrics: Metrics
    findOwner: (conversation: ConversationId) => Promise<Incarnation | undefined>
    relocate?: (conversation: ConversationId, by: Incarnation, owner: Incarnation) => void
    limits?: Partial<EdgeRelayLimits>
  }) {
    const { peers, host, clock, random, log, findOwner } = options
    const local = options.local && localAccess(options.local)
    this.#limits = { ...EDGE_RELAY_LIMITS, ...options.limits }
    this.#metrics = options.metrics
    this.#surroundings = {
      clock,
      random,
      log,
      limits: this.#limits,
      access: (incarnation): OwnerAccess | undefined => {
        if (incarnation === peers.self().incarnation) return local
        // Others may still name a suspect one as the owner: asking it is waiting for nothing.
        return peers.trusted(incarnation) ? host.remote(incarnation) : undefined
      },
      preferred: (conversation) => peers.preferred(conversation),
      findOwner,
      relocate: options.relocate ?? (() => {}),
      lookedAt: (by) => this.#lookedAt(by),
      idle: (conversation) => this.#conversations.delete(conversation),
    }
    host.onAnnounce((ownerships) => this.#announced(ownerships))
    peers.onUp(() => this.#peersChanged())
  }

  attach(conversation: ConversationId, after: Seq, subscriber: Subscriber): Attachment {
    const edge = this.#edge(conversation)
    if (edge) return edge.attach(after, subscriber)
    let detached = false
    void Promise.resolve().then(() => {
      if (!detached) subscriber.ended(conversation, refuse('busy', { retryAfterMs: 1000 }))
    })
    return {
      detach: () => {
        detached = true
      },
    }
  }

  submit(conversation: ConversationId, submission: Submission): Promise<SubmitReply> {
    return this.#edge(conversation)?.submit(submission) ?? Promise.resolve(refuse('busy', { retryAfterMs: 1000 }))
  }

  signal(conversation: ConversationId, ephemeral: Ephemeral): void {
    this.#conversations.get(conversation)?.signal(ephemeral)
  }

  read(conversation: ConversationId, after: Seq, limit: number): Promise<ReadReply> {
    return this.#edge(conversation)?.read(after, limit) ?? Promise.resolve(refuse('busy', { retryAfterMs: 1000 }))
  }

  #edge(conversation: ConversationId): EdgeConversation | undefined {
    const known = this.#conversations.get(conversation)
    if (known || this.#conversations.size >= this.#limits.conversationsMax) return known
    const edge = new EdgeConversation(conversation, this.#surroundings)
    this.#conversations.set(conversation, edge)
    return edge
  }

  #lookedAt(by: 1 | -1): void {
    this.#subscribed += by
    this.#metrics.gauge('conversations_attached', this.#subscribed)
  }

  #announced(ownerships: readonly Ownership[]): void {
    for (const { conversation, owner, epoch } of ownerships)
      this.#conversations.get(conversation)?.announced(owner, epoch)
  }

  #peersChanged(): void {
    for (const edge of this.#conversations.values()) edge.peersChanged()
  }
}
