import { type Clock, pause } from '../base/clock.ts'
import { type ConversationId, isId, type Owner } from '../base/ids.ts'
import type { Log } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import type { LogStore } from '../store/log-store.ts'
import type { ConversationOwner } from './conversation-owner.ts'
import type { Owners } from './owners.ts'

export interface HandoverNode {
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly store: LogStore
  readonly owners: Owners
  self(): Owner
  /** Asks another node; rejects when it does not answer within `patienceMs`. */
  ask(to: Owner, kind: string, body: unknown, patienceMs: number): Promise<unknown>
}

export const HANDOVER = 'handover'

// The successor has this long to claim; then the owner takes its offer back and goes on (`conversation.md`, Handover).
const PATIENCE_MS = 250
const WITHDRAW_ATTEMPTS = 20
const WITHDRAW_RETRY_MS = 100

/**
 * A live owner gives conversations to a live successor. Intake stops, what is in flight becomes durable, the store
 * learns the successor's name, the successor claims. Until then the owner stays owner: an offer that nobody takes is
 * withdrawn in the store, so that there is never a moment with two.
 */
export class Handover {
  readonly #node: HandoverNode

  constructor(node: HandoverNode) {
    this.#node = node
  }

  /** Resolves to the number of conversations that `to` owns now. */
  async give(owners: readonly ConversationOwner[], to: Owner, why: string): Promise<number> {
    await Promise.all(owners.map((owner) => owner.pauseIntake()))
    const offers = owners.map(({ conversation, epoch }) => ({ conversation, epoch, to }))
    try {
      await this.#node.store.offerHandover(offers)
      const taken = await this.#node.ask(
        to,
        HANDOVER,
        { conversations: owners.map(({ conversation, epoch }) => ({ conversation, epoch })) },
        PATIENCE_MS,
      )
      const ids = new Set(idsIn(taken, 'taken'))
      return await this.#conclude(owners, ids, to, why)
    } catch {
      return this.#conclude(owners, new Set(), to, why)
    }
  }

  /** The successor's side: claims what the store says was offered to it. */
  async take(body: unknown, from: Owner): Promise<{ taken: readonly ConversationId[] }> {
    const wanted = offersIn(body)
    if (!this.#node.owners.willing() || wanted.length === 0) return { taken: [] }
    const outcomes = await this.#node.store.claim(
      wanted.map(({ conversation, epoch }) => ({ conversation, expect: { epoch, incarnation: from.incarnation } })),
      this.#node.self(),
    )
    const claimed = outcomes.flatMap((outcome) => (outcome.kind === 'claimed' ? [outcome] : []))
    if (claimed.length > 0) this.#node.owners.install(claimed, `${from.node} handed over`)
    return { taken: claimed.map(({ conversation }) => conversation) }
  }

  async #conclude(
    owners: readonly ConversationOwner[],
    taken: ReadonlySet<ConversationId>,
    to: Owner,
    why: string,
  ): Promise<number> {
    const untaken = owners.filter(({ conversation }) => !taken.has(conversation))
    const kept = new Set(untaken.length > 0 ? await this.#withdraw(untaken) : [])
    for (const owner of owners) {
      if (kept.has(owner.conversation)) owner.resumeIntake()
      else owner.drop({ kind: 'moved', owner: to.incarnation })
    }
    const given = owners.length - kept.size
    this.#node.metrics.count('handovers', given)
    if (given > 0)
      this.#node.log.decision('handover', `Gave ${given} of ${owners.length} conversations to ${to.node}: ${why}.`)
    return given
  }

  /** Only a definite answer of the store lets the owner go on; without one it lets go, and the next input claims. */
  async #withdraw(owners: readonly ConversationOwner[]): Promise<readonly ConversationId[]> {
    const requests = owners.map(({ conversation, epoch }) => ({ conversation, epoch }))
    for (let tried = 0; tried < WITHDRAW_ATTEMPTS; tried++) {
      try {
        return await this.#node.store.withdrawHandover(requests)
      } catch {
        await pause(this.#node.clock, WITHDRAW_RETRY_MS)
      }
    }
    return []
  }
}

function idsIn(answer: unknown, field: string): readonly ConversationId[] {
  const list = typeof answer === 'object' && answer !== null ? Reflect.get(answer, field) : undefined
  return Array.isArray(list) ? list.filter((id): id is ConversationId => typeof id === 'string' && isId(id)) : []
}

function offersIn(body: unknown): readonly { conversation: ConversationId; epoch: number }[] {
  const list = typeof body === 'object' && body !== null ? Reflect.get(body, 'conversations') : undefined
  if (!Array.isArray(list)) return []
  return list.filter(
    (offer): offer is { conversation: ConversationId; epoch: number } =>
      typeof offer?.conversation === 'string' && isId(offer.conversation) && Number.isInteger(offer.epoch),
  )
}
