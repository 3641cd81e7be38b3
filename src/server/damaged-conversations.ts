import type { Clock } from '../base/clock.ts'
import type { ConversationId, Epoch } from '../base/ids.ts'
import type { Log } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import { type Refusal, refuse } from '../base/refusals.ts'
import type { LogStore } from '../store/log-store.ts'

// Long enough that those who ask all the time cost next to nothing, short enough for an operator who repaired it.
const TRIED_AGAIN_AFTER_MS = 10_000
// One that was found again within this time was told of already: it is tried every minute, and must not be told as often.
const KNOWN_FOR_MS = 3_600_000

/**
 * Conversations that could not be restored here. Whoever asks is refused for a while without asking the store, then the
 * conversation is tried again: it may have been repaired. The store keeps it as nobody's, so that no death brings it to
 * the next node (SV19). What is found again and again is told of once.
 */
export class DamagedConversations {
  readonly #ports: { readonly clock: Clock; readonly log: Log; readonly metrics: Metrics; readonly store: LogStore }
  /** When each was last found; the one that was not found for longest first. */
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

  /** Was it found damaged here not long ago? It may be time to try it again. */
  knows(conversation: ConversationId): boolean {
    return this.#foundAt.has(conversation)
  }

  /** Why it is not served now; nothing when it may be tried. */
  refusalOf(conversation: ConversationId): Refusal | undefined {
    const foundAt = this.#foundAt.get(conversation)
    if (foundAt === undefined) return undefined
    const leftMs = foundAt + TRIED_AGAIN_AFTER_MS - this.#ports.clock.monotonicMs()
    return leftMs > 0 ? refuse('conversation-damaged', { retryAfterMs: leftMs }) : undefined
  }

  /** The store found that what it holds does not fit together, and set it apart. */
  found(conversation: ConversationId): Refusal {
    return this.#remember(conversation, 'What is stored of a conversation does not fit together; it is set apart.')
  }

  /** The program failed at it: its owner gives it up, and says why for the operators. */
  failed({ conversation, epoch }: { conversation: ConversationId; epoch: Epoch }, error: unknown): Refusal {
    const reason = `the program failed at it: ${error instanceof Error ? error.message : String(error)}`
    // Where the store does not hear it, this node stays the owner, finds that it does not hold it, and tries again.
    this.#ports.store.setApart(conversation, epoch, reason).catch(() => {})
    return this.#remember(conversation, 'The program failed at a conversation; it is set apart.', error)
  }

  /** An error the first time; afterwards it is known. */
  tell(sentence: string, fields: { readonly conversation: ConversationId; readonly error?: unknown }): void {
    const { log } = this.#ports
    if (this.knows(fields.conversation)) log.debug(sentence, { ...fields })
    else log.error(sentence, { ...fields })
  }

  #remember(conversation: ConversationId, sentence: string, error?: unknown): Refusal {
    const { clock, metrics } = this.#ports
    const now = clock.monotonicMs()
    for (const [known, foundAt] of this.#foundAt) {
      if (now - foundAt < KNOWN_FOR_MS) break
      this.#foundAt.delete(known)
    }
    this.tell(sentence, { conversation, ...(error !== undefined && { error }) })
    if (!this.#foundAt.delete(conversation)) metrics.count('conversations_set_apart')
    this.#foundAt.set(conversation, now)
    return refuse('conversation-damaged', { retryAfterMs: TRIED_AGAIN_AFTER_MS })
  }
}
