import { type Clock, pause } from '../base/clock.ts'
import { within } from '../base/deadline.ts'
import { type ConversationId, type Incarnation, isId, type Owner } from '../base/ids.ts'
import type { Log } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import { type LogStore, StoreUnavailable } from '../store/log-store.ts'
import { BatchQueue } from './batch-queue.ts'
import type { ConversationOwner } from './conversation-owner.ts'
import type { Owners } from './owners.ts'

interface HandoverNode {
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly store: LogStore
  readonly owners: Owners
  self(): Owner
  /** Asks another node; rejects when it does not answer within `patienceMs`. */
  ask(to: Incarnation, kind: string, body: unknown, patienceMs: number): Promise<unknown>
}

/** Questions of one node to another: "take these", "take that one from its owner", "give me that one". */
export const HANDOVER = 'handover'
export const RELOCATE = 'relocate'
export const YIELD = 'yield'

// What is in flight has this long to become durable, and the store to take the offer; else the conversation stays.
const FLUSH_PATIENCE_MS = 1000
// The successor has this long to claim; then the owner takes its offer back and goes on (`conversation.md`, Handover).
const PATIENCE_MS = 250
// Who took a conversation over for an edge keeps it so long: edges that reach different nodes must not tear at it.
const RELOCATED_KEPT_MS = 2000
const RELOCATE_PATIENCE_MS = 2000
// An edge that loses this node asks for all that its clients look at: each for itself would outrun the store, and take a
// second more.
const YIELD_BATCHES = { inFlightMax: 2, itemsMax: 16 }
const WITHDRAW_ATTEMPTS = 20
const WITHDRAW_RETRY_MS = 100

/** A conversation that another node is to have. */
interface Yield {
  readonly owner: ConversationOwner
  readonly to: Owner
}

/**
 * A live owner gives conversations to a live successor. Intake stops, what is in flight becomes durable, the store
 * learns the successor's name, the successor claims. Until then the owner stays owner: an offer that nobody takes is
 * withdrawn in the store, and one of which nobody knows is made void by a claim, so that there is never a moment with
 * two.
 */
export class Handover {
  readonly #node: HandoverNode
  /** When this node took what over for an edge; the oldest first. */
  readonly #relocatedAt = new Map<ConversationId, number>()
  readonly #yields = new BatchQueue(YIELD_BATCHES, (asked: readonly Yield[]) => this.#giveEach(asked))

  constructor(node: HandoverNode) {
    this.#node = node
  }

  /** Resolves to the number of conversations that `to` owns now. */
  async give(owners: readonly ConversationOwner[], to: Owner, why: string): Promise<number> {
    const ready = await this.#atRest(owners)
    if (ready.length === 0) return 0
    const offer = await this.#offer(ready, to)
    if (offer === 'unknown') return this.#claimAnew(ready, to)
    if (offer === 'not-made') {
      for (const owner of ready) owner.resumeIntake()
      return 0
    }
    try {
      const taken = await this.#node.ask(
        to.incarnation,
        HANDOVER,
        { conversations: ready.map(({ conversation, epoch }) => ({ conversation, epoch })) },
        PATIENCE_MS,
      )
      const ids = new Set(idsIn(taken, 'taken'))
      return await this.#conclude(ready, ids, to, why)
    } catch {
      return this.#conclude(ready, new Set(), to, why)
    }
  }

  /** The successor's side: claims what the store says was offered to it. */
  async take(body: unknown, from: Owner): Promise<{ taken: readonly ConversationId[] }> {
    const wanted = offersIn(body)
    const self = this.#node.self()
    if (!this.#node.owners.willing() || wanted.length === 0) return { taken: [] }
    const outcomes = await this.#node.store.claim(
      wanted.map(({ conversation, epoch }) => ({ conversation, expect: { epoch, incarnation: from.incarnation } })),
      self,
    )
    // Claimed for an incarnation that the store declared dead meanwhile: whoever adopts from it has them now.
    if (this.#node.self() !== self) return { taken: [] }
    const claimed = outcomes.flatMap((outcome) => (outcome.kind === 'claimed' ? [outcome] : []))
    if (claimed.length > 0) this.#node.owners.install(claimed, `${from.node} handed over`)
    return { taken: claimed.map(({ conversation }) => conversation) }
  }

  /** An edge cannot reach the owner of a conversation, and this node can: it is to be the owner. */
  async relocate(body: unknown): Promise<void> {
    const conversation = idIn(body, 'conversation')
    const owner = idIn(body, 'owner')
    if (conversation === undefined || owner === undefined || this.#relocatedLately(conversation)) return
    this.#relocatedAt.set(conversation, this.#node.clock.monotonicMs())
    try {
      await this.#node.ask(owner, YIELD, { conversation }, RELOCATE_PATIENCE_MS)
    } finally {
      // What did not come about is tried again when the edge asks again.
      if (!this.#node.owners.get(conversation)) this.#relocatedAt.delete(conversation)
    }
  }

  /** The owner's side of a relocation. */
  async yield(body: unknown, to: Owner): Promise<void> {
    const conversation = idIn(body, 'conversation')
    const owner = conversation === undefined ? undefined : this.#node.owners.get(conversation)
    if (owner && !this.#relocatedLately(owner.conversation)) await this.#yields.ask({ owner, to })
  }

  /** Each conversation goes to who asked first. */
  async #giveEach(asked: readonly Yield[]): Promise<readonly true[]> {
    const first = new Map(asked.toReversed().map(({ owner, to }) => [owner, to]))
    const successors = new Map([...first.values()].map((to) => [to.incarnation, to]))
    const given = [...successors.values()].map((to) => {
      const owners = [...first].filter(([owner, by]) => by.incarnation === to.incarnation && !owner.over)
      return this.give(
        owners.map(([owner]) => owner),
        to,
        'a node with clients of them cannot reach this one',
      )
    })
    await Promise.all(given)
    return asked.map(() => true)
  }

  #relocatedLately(conversation: ConversationId): boolean {
    const longAgo = this.#node.clock.monotonicMs() - RELOCATED_KEPT_MS
    for (const [relocated, atMs] of this.#relocatedAt) {
      if (atMs > longAgo) break
      this.#relocatedAt.delete(relocated)
    }
    return this.#relocatedAt.has(conversation)
  }

  /** Those that have nothing in flight any more; the others take in again what waits. */
  async #atRest(owners: readonly ConversationOwner[]): Promise<readonly ConversationOwner[]> {
    const rest = (owner: ConversationOwner) => owner.pauseIntake().then(() => true)
    const rested = await Promise.all(
      owners.map((owner) => within(this.#node.clock, FLUSH_PATIENCE_MS, rest(owner), false)),
    )
    return owners.filter((owner, index) => {
      if (!rested[index]) owner.resumeIntake()
      return rested[index] && !owner.over
    })
  }

  async #offer(owners: readonly ConversationOwner[], to: Owner): Promise<'made' | 'not-made' | 'unknown'> {
    const offers = owners.map(({ conversation, epoch }) => ({ conversation, epoch, to }))
    const made = this.#node.store.offerHandover(offers).then(
      () => 'made' as const,
      (error: unknown) => (error instanceof StoreUnavailable ? 'not-made' : 'unknown'),
    )
    return within(this.#node.clock, FLUSH_PATIENCE_MS, made, 'unknown')
  }

  /**
   * An offer without an answer may take place at any time, also behind its withdrawal, and then the successor would be
   * owner beside this one. Nothing but a new epoch makes it void.
   */
  async #claimAnew(owners: readonly ConversationOwner[], to: Owner): Promise<number> {
    const reason = `The store did not say whether ${to.node} was offered ${owners.length} conversations; they are claimed anew.`
    this.#node.log.decision('reclaim', reason)
    for (const owner of owners) owner.drop({ kind: 'moved' })
    await Promise.all(owners.map(({ conversation }) => this.#node.owners.reclaim(conversation)))
    return 0
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

function idIn(body: unknown, field: string): ConversationId | undefined {
  const id = typeof body === 'object' && body !== null ? Reflect.get(body, field) : undefined
  return typeof id === 'string' && isId(id) ? id : undefined
}

function offersIn(body: unknown): readonly { conversation: ConversationId; epoch: number }[] {
  const list = typeof body === 'object' && body !== null ? Reflect.get(body, 'conversations') : undefined
  if (!Array.isArray(list)) return []
  return list.filter(
    (offer): offer is { conversation: ConversationId; epoch: number } =>
      typeof offer?.conversation === 'string' && isId(offer.conversation) && Number.isInteger(offer.epoch),
  )
}
