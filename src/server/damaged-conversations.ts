import type { Clock } from '../base/clock.ts'
import type { ConversationId, Epoch } from '../base/ids.ts'
import type { Log } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import { type Refusal, refuse } from '../base/refusals.ts'
import type { LogStore } from '../store/log-store.ts'

// Long enough that those who ask all the time cost next to nothing, short enough for an operator who repaired it.
const TRIED_AGAIN_AFTER_MS = 10_000

/**
 * Conversations that could not be restored here. Whoever asks is refused for a while without asking the store, then the
 * conversation is tried again: it may have been repaired. The store keeps it as nobody's, so that no death brings it to
 * the next node (SV19).
 */
export class DamagedConversations {
  readonly #ports: { readonly clock: Clock; readonly log: Log; readonly metrics: Metrics; readonly store: LogStore }
  /** When each was found; the oldest first. */
  readonly #foundAt = new Map<ConversationId, number>()

  constructor(ports: {
    readonly clock: Clock
    readonly log: Log
    readonly metrics: Metrics
    readonly store: LogStore
  }) {
    this.#ports = ports
  }

  has(conversation: ConversationId): boolean {
    return this.refusalOf(conversation) !== undefined
  }

  /** Why it is not served now; nothing when it may be tried. */
  refusalOf(conversation: ConversationId): Refusal | undefined {
    const foundAt = this.#foundAt.get(conversation)
    if (foundAt === undefined) return undefined
    const leftMs = foundAt + TRIED_AGAIN_AFTER_MS - this.#ports.clock.monotonicMs()
    if (leftMs > 0) return refuse('conversation-damaged', { retryAfterMs: leftMs })
    this.#foundAt.delete(conversation)
    return undefined
  }

  /** The store found that what it holds does not fit together, and set it apart. */
  found(conversation: ConversationId): Refusal {
    this.#ports.log.error('What is stored of a conversation does not fit together; it is set apart.', { conversation })
    return this.#remember(conversation)
  }

  /** The program failed at it: its owner gives it up, and says why for the operators. */
  failed({ conversation, epoch }: { conversation: ConversationId; epoch: Epoch }, error: unknown): Refusal {
    this.#ports.log.error('The program failed at a conversation; it is set apart.', { conversation, error })
    const reason = `the program failed at it: ${error instanceof Error ? error.message : String(error)}`
    // Where the store does not hear it, this node stays the owner, finds that it does not hold it, and tries again.
    this.#ports.store.setApart(conversation, epoch, reason).catch(() => {})
    return this.#remember(conversation)
  }

  #remember(conversation: ConversationId): Refusal {
    const { clock, metrics } = this.#ports
    metrics.count('conversations_set_apart')
    // What may be tried again is forgotten by being asked for.
    for (const known of this.#foundAt.keys()) if (this.has(known)) break
    this.#foundAt.delete(conversation)
    this.#foundAt.set(conversation, clock.monotonicMs())
    return refuse('conversation-damaged', { retryAfterMs: TRIED_AGAIN_AFTER_MS })
  }
}
