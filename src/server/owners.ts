import { type Cancel, every, pause } from '../base/clock.ts'
import { within } from '../base/deadline.ts'
import type { EventRecord } from '../base/event-record.ts'
import type { ConversationId, Seq } from '../base/ids.ts'
import { type Refusal, refuse } from '../base/refusals.ts'
import type { Adopter } from '../cluster/adoption.ts'
import { LOCAL_PEER } from '../cluster/owner-access.ts'
import type { Submission } from '../conversation/command.ts'
import { fromRecord } from '../conversation/event-json.ts'
import { fold } from '../conversation/evolve.ts'
import { fromSnapshot, SNAPSHOT_FORMAT } from '../conversation/snapshot.ts'
import { emptyState } from '../conversation/state.ts'
import type {
  AttachReply,
  Ephemeral,
  Moved,
  OwnerPort,
  OwnerSink,
  ReadReply,
  SubmitReply,
} from '../protocol/conversation-port.ts'
import { type Claimed, type ClaimOutcome, type Damaged, IndefiniteOutcome } from '../store/log-store.ts'
import { type AdmissionLimits, admit } from './admission-decision.ts'
import { BatchQueue } from './batch-queue.ts'
import { ConversationOwner, type OwnerNode } from './conversation-owner.ts'
import { DamagedConversations } from './damaged-conversations.ts'
import { PendingAttachments } from './pending-attachments.ts'

export interface OwnersSettings extends AdmissionLimits {
  /** A conversation that nobody looks at rests in the store after this time. */
  readonly restAfterMs: number
}

/** What the owner side needs beyond what each conversation needs. */
export interface OwnersNode extends Omit<OwnerNode, 'dropped' | 'failed'> {
  readonly settings: OwnersSettings
  mode(): 'enabled' | 'disabled' | 'draining'
  /** No other node can reach this one: owning anything would hide it from everybody. */
  cutOff(): boolean
  /** A `backup` node opens nothing. */
  readonly opens: boolean
  /** Tells all edges who owns what now. */
  announce(owned: readonly { conversation: ConversationId; epoch: number }[]): void
}

const REST_SWEEP_MS = 5000
const CUT_OFF_SWEEP_MS = 100
const CLAIM_ATTEMPTS = 5
const CLAIM_RETRY_MS = 100
// When an owner dies everybody asks for all it had at once: claims in batches of 4 to 32 were measured to take a third.
const CLAIM_BATCHES = { inFlightMax: 2, itemsMax: 16 }
const RELEASE_BATCH = 64
const REFOLD_PAGE = 1000
const HELD_PATIENCE_MS = 2000

type Obtained = ConversationOwner | Moved | Refusal

/**
 * All conversations that this node owns: the door that relays knock at. A conversation that is not here is claimed on
 * demand, unless its owner lives: then the answer is `moved`.
 */
export class Owners implements OwnerPort, Adopter {
  readonly #node: OwnersNode
  readonly #owned = new Map<ConversationId, ConversationOwner>()
  readonly #obtaining = new Map<ConversationId, Promise<Obtained>>()
  /** Claimed already, and being folded from the whole log: claiming again would only make that obsolete. */
  readonly #refolding = new Map<ConversationId, Promise<Obtained>>()
  readonly #attaching = new PendingAttachments()
  /** One wait for the lease, shared by all calls that come while the node is mute. */
  #heldSoon: Promise<boolean> | undefined
  readonly #damaged: DamagedConversations
  readonly #claims = new BatchQueue(CLAIM_BATCHES, (ids: readonly ConversationId[]) => this.#claimAll(ids))
  #admitting = true
  #lettingGo = false
  #cancelSweeps: readonly Cancel[] = []

  constructor(node: OwnersNode) {
    this.#node = node
    this.#damaged = new DamagedConversations(node)
  }

  start(): void {
    const { clock } = this.#node
    this.#cancelSweeps = [
      every(clock, REST_SWEEP_MS, () => void this.#rest()),
      every(clock, CUT_OFF_SWEEP_MS, () => void this.#letGoWhenCutOff()),
    ]
    this.#node.fencedLog.onAvailability((availability) => {
      const status = availability === 'available' ? 'live' : 'store-unavailable'
      if (status !== 'live') this.#node.metrics.count('store_outages')
      for (const owner of this.#owned.values()) owner.announceStatus(status)
    })
  }

  stop(): void {
    for (const cancel of this.#cancelSweeps) cancel()
    this.dropAll()
  }

  get size(): number {
    return this.#owned.size
  }

  /** Attachments that are being made. */
  get attaching(): number {
    return this.#attaching.size
  }

  owned(): readonly ConversationOwner[] {
    return [...this.#owned.values()]
  }

  get(conversation: ConversationId): ConversationOwner | undefined {
    return this.#owned.get(conversation)
  }

  /** Forgets everything: this incarnation may own nothing any more. */
  dropAll(): void {
    for (const owner of [...this.#owned.values()]) owner.drop({ kind: 'moved' })
  }

  async attach(peer: string, conversation: ConversationId, after: Seq, sink: OwnerSink): Promise<AttachReply> {
    const attempt = this.#attaching.begin(peer, conversation)
    const owner = await this.#obtain(conversation)
    if (!(owner instanceof ConversationOwner)) {
      this.#attaching.end(peer, conversation, attempt)
      return owner
    }
    // The caller must know the answer before the first event comes.
    const { epoch, headSeq } = owner
    this.#node.clock.after(0, () => {
      if (!this.#attaching.end(peer, conversation, attempt)) return
      if (this.#owned.get(conversation) === owner && this.#node.leaseHeld()) owner.attach(peer, after, sink)
      else sink.moved(conversation, { kind: 'moved' })
    })
    return { kind: 'attached', epoch, headSeq }
  }

  detach(peer: string, conversation: ConversationId): void {
    this.#attaching.takeBack(peer, conversation)
    this.#owned.get(conversation)?.detach(peer)
  }

  async submit(conversation: ConversationId, submission: Submission): Promise<SubmitReply | Moved> {
    const owner = await this.#obtain(conversation, submission.command.type === 'open')
    return owner instanceof ConversationOwner ? owner.submit(submission) : owner
  }

  signal(conversation: ConversationId, ephemeral: Ephemeral): void {
    if (this.#node.leaseHeld()) this.#owned.get(conversation)?.signal(ephemeral)
  }

  async read(conversation: ConversationId, after: Seq, limit: number): Promise<ReadReply | Moved> {
    const owner = await this.#obtain(conversation)
    return owner instanceof ConversationOwner ? owner.read(after, limit) : owner
  }

  peerGone(peer: string): void {
    this.#attaching.peerGone(peer)
    for (const owner of this.#owned.values()) owner.detach(peer)
  }

  willing(): boolean {
    return this.#node.mode() !== 'draining' && !this.#node.cutOff()
  }

  holds(conversation: ConversationId): boolean {
    return [this.#owned, this.#obtaining, this.#refolding, this.#damaged].some((known) => known.has(conversation))
  }

  async wake(conversation: ConversationId): Promise<void> {
    await this.#obtain(conversation)
  }

  async reclaim(conversation: ConversationId): Promise<void> {
    if (!this.holds(conversation)) await this.#share(conversation, () => this.#claims.ask(conversation))
  }

  install(outcomes: readonly (Claimed | Damaged)[], why: string): void {
    for (const outcome of outcomes) {
      if (outcome.kind === 'damaged') this.#damaged.found(outcome.conversation)
      else if (isForeign(outcome)) this.#beginRefold(outcome)
      else this.#install(outcome)
    }
    const claimed = outcomes
      .filter((outcome) => outcome.kind === 'claimed')
      .filter(({ conversation }) => this.#owned.has(conversation) || !this.#damaged.knows(conversation))
    if (claimed.length === 0) return
    this.#node.announce(claimed)
    this.#node.log.decision(
      'own',
      `Took ${claimed.length} ${claimed.length === 1 ? 'conversation' : 'conversations'}: ${why}.`,
      {
        ...(claimed.length === 1 && claimed[0] ? { conversation: claimed[0].conversation } : {}),
      },
    )
  }

  /** Whether this node may serve, now or soon: a caller that waits in vain asks somebody else. */
  async #held(): Promise<boolean> {
    if (this.#node.leaseHeld()) return true
    this.#heldSoon ??= within(this.#node.clock, HELD_PATIENCE_MS, this.#node.whenHeld(), false).finally(() => {
      this.#heldSoon = undefined
    })
    return this.#heldSoon
  }

  /**
   * The owner of a conversation, here; or where else to ask, or why not. A claim may take longer than the lease: what
   * came of it is served under a lease that holds then (OW3).
   */
  async #obtain(conversation: ConversationId, opening = false): Promise<Obtained> {
    if (!(await this.#held())) return { kind: 'moved' }
    const obtained = await this.#obtainOnce(conversation, opening)
    if (this.#node.leaseHeld()) return obtained
    return (await this.#held()) ? (this.#owned.get(conversation) ?? { kind: 'moved' }) : { kind: 'moved' }
  }

  /** Callers of one conversation share one claim. */
  async #obtainOnce(conversation: ConversationId, opening: boolean): Promise<Obtained> {
    const here = this.#owned.get(conversation) ?? this.#damaged.refusalOf(conversation)
    if (here) return here
    // A node that is cut off is asked by its own clients alone: whoever else could serve them, they cannot reach.
    if (this.#node.mode() === 'draining') return { kind: 'moved' }
    const underway = this.#refolding.get(conversation) ?? this.#obtaining.get(conversation)
    if (underway) {
      const found = await underway
      // Whoever waited for a claim that found nothing may still open it.
      return opening && isUnknown(found) ? this.#obtainOnce(conversation, true) : found
    }
    return this.#share(conversation, opening ? () => this.#open(conversation) : () => this.#claims.ask(conversation))
  }

  async #share(conversation: ConversationId, attempt: () => Promise<Obtained>): Promise<Obtained> {
    const obtaining = this.#settled(attempt)
    this.#obtaining.set(conversation, obtaining)
    try {
      return await obtaining
    } finally {
      this.#obtaining.delete(conversation)
    }
  }

  /** Tries again where the store's answer was lost: opening and claiming are the same however often they are done. */
  async #settled(attempt: () => Promise<Obtained>): Promise<Obtained> {
    for (let tried = 1; ; tried++) {
      try {
        return await attempt()
      } catch (error) {
        if (tried >= CLAIM_ATTEMPTS || !(error instanceof IndefiniteOutcome))
          return refuse('store-unavailable', { retryAfterMs: CLAIM_RETRY_MS * 5 })
        await pause(this.#node.clock, CLAIM_RETRY_MS)
      }
    }
  }

  async #open(conversation: ConversationId): Promise<Obtained> {
    const self = this.#node.self()
    const verdict = admit(
      { owned: this.#owned.size, admitting: this.#admitting, opens: this.#node.opens, mode: this.#node.mode() },
      this.#node.settings,
    )
    this.#admitting = verdict.admitting
    // A conversation that exists is never refused for want of room.
    if (verdict.refusal) {
      const known = await this.#claims.ask(conversation)
      return isUnknown(known) ? verdict.refusal : known
    }
    const opened = await this.#node.store.open(conversation, self)
    if (opened.kind === 'exists') return this.#claims.ask(conversation)
    if (opened.kind === 'claimer-dead' || this.#node.self() !== self) return { kind: 'moved' }
    const claimed: Claimed = { kind: 'claimed', conversation, epoch: opened.epoch, seq: 0, tail: [] }
    this.#node.announce([claimed])
    return this.#install(claimed)
  }

  /** One statement for all; each gets its own answer. */
  async #claimAll(conversations: readonly ConversationId[]): Promise<readonly Obtained[]> {
    const self = this.#node.self()
    const requests = conversations.map((conversation) => ({ conversation }))
    const outcomes = await this.#node.store.claim(requests, self)
    if (this.#node.self() !== self) return conversations.map(() => ({ kind: 'moved' }))
    const claimed = outcomes.filter((outcome) => outcome.kind === 'claimed')
    this.#node.metrics.count('claims', claimed.length)
    this.install(
      outcomes.filter((outcome) => outcome.kind === 'claimed' || outcome.kind === 'damaged'),
      'somebody asked for it and no living node had it',
    )
    return outcomes.map((outcome) => this.#answerOf(outcome))
  }

  #answerOf(outcome: ClaimOutcome): Obtained {
    const { kind, conversation } = outcome
    // What the store said of another owner may be from before this node adopted it.
    const adopted = this.#owned.get(conversation)
    if (kind === 'alive' && !adopted) return { kind: 'moved', owner: outcome.owner.incarnation, epoch: outcome.epoch }
    if (kind === 'unknown-conversation') return refuse('unknown-conversation')
    return adopted ?? this.#damaged.refusalOf(conversation) ?? { kind: 'moved' }
  }

  #beginRefold(claimed: Claimed): void {
    const { conversation } = claimed
    const refolding = this.#refold(claimed).finally(() => {
      if (this.#refolding.get(conversation) === refolding) this.#refolding.delete(conversation)
    })
    this.#refolding.set(conversation, refolding)
  }

  /** Another version of the program wrote the snapshot, or it cannot be read: the whole log tells the same. */
  async #refold(claimed: Claimed): Promise<Obtained> {
    const self = this.#node.self()
    const tail: EventRecord[] = []
    while ((tail.at(-1)?.seq ?? 0) < claimed.seq) {
      const page = await this.#node.store
        .read(claimed.conversation, tail.at(-1)?.seq ?? 0, REFOLD_PAGE)
        .catch(() => undefined)
      if (this.#node.self() !== self) return { kind: 'moved' }
      if (page?.records.length) tail.push(...page.records.filter(({ seq }) => seq <= claimed.seq))
      else await pause(this.#node.clock, CLAIM_RETRY_MS)
    }
    const { snapshot: _, ...rest } = claimed
    return this.#install({ ...rest, tail })
  }

  #install(claimed: Claimed): Obtained {
    const present = this.#owned.get(claimed.conversation)
    if (present && present.epoch >= claimed.epoch) return present
    present?.drop({ kind: 'moved' })
    try {
      const owner = this.#restore(claimed)
      this.#owned.set(claimed.conversation, owner)
      this.#node.metrics.gauge('conversations_owned', this.#owned.size)
      return owner
    } catch (error) {
      if (!claimed.snapshot) return this.#damaged.failed(claimed, error)
      const sentence = 'A snapshot cannot be used; the conversation is folded from its whole log.'
      this.#damaged.tell(sentence, { conversation: claimed.conversation, error })
      this.#beginRefold(claimed)
      return { kind: 'moved' }
    }
  }

  #restore(claimed: Claimed): ConversationOwner {
    const base = (claimed.snapshot && fromSnapshot(claimed.snapshot)) ?? emptyState
    const state = fold(claimed.tail.map(fromRecord), base)
    const owner: ConversationOwner = new ConversationOwner(
      {
        ...this.#node,
        dropped: (conversation) => this.#dropped(conversation, owner),
        failed: (error) => this.#damaged.failed(owner, error),
      },
      claimed,
      state,
    )
    return owner
  }

  #dropped(conversation: ConversationId, owner: ConversationOwner): void {
    if (this.#owned.get(conversation) !== owner) return
    this.#owned.delete(conversation)
    this.#node.metrics.gauge('conversations_owned', this.#owned.size)
  }

  /** Gives back what only unreachable nodes want, so that a reachable one can own it; its own clients keep theirs. */
  async #letGoWhenCutOff(): Promise<void> {
    if (this.#lettingGo || !this.#node.cutOff() || !this.#node.leaseHeld()) return
    const unwanted = this.owned().filter((owner) => !owner.isAttached(LOCAL_PEER))
    if (unwanted.length === 0) return
    this.#node.log.decision(
      'let-go',
      `No other node can reach this one; ${unwanted.length} conversations are given back to the store.`,
    )
    this.#lettingGo = true
    for (let at = 0; at < unwanted.length && this.#node.cutOff(); at += RELEASE_BATCH)
      await this.release(unwanted.slice(at, at + RELEASE_BATCH))
    this.#lettingGo = false
  }

  /** Lets conversations that nobody looks at rest in the store: a death must not wake all that ever were. */
  async #rest(): Promise<void> {
    if (!this.#node.leaseHeld()) return
    const quiet = this.owned()
      .filter((owner) => owner.mayRest(this.#node.settings.restAfterMs))
      .slice(0, RELEASE_BATCH)
    if (quiet.length > 0) await this.release(quiet)
  }

  /** Gives conversations back to the store, owned by nobody until somebody asks or their time comes. */
  async release(owners: readonly ConversationOwner[]): Promise<void> {
    await Promise.all(owners.map((owner) => owner.pauseIntake()))
    const requests = owners.map((owner) => {
      const wakeAt = owner.wakeAt()
      return { conversation: owner.conversation, epoch: owner.epoch, ...(wakeAt === undefined ? {} : { wakeAt }) }
    })
    // Whether released, lost before, or unknown: claiming again on the next input tells. Whoever waits asks again.
    await this.#node.store.release(requests).catch(() => [])
    for (const owner of owners) owner.drop({ kind: 'moved' })
  }
}

function isUnknown(obtained: Obtained): boolean {
  return (
    !(obtained instanceof ConversationOwner) && obtained.kind === 'refused' && obtained.code === 'unknown-conversation'
  )
}

function isForeign({ snapshot }: Claimed): boolean {
  return snapshot !== undefined && snapshot.format !== SNAPSHOT_FORMAT
}
