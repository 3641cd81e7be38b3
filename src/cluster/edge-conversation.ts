import type { Cancel, Clock } from '../base/clock.ts'
import type { ConversationId, Epoch, Incarnation, Seq } from '../base/ids.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import { isPassing, type Refusal } from '../base/refusals.ts'
import type {
  Attachment,
  AttachReply,
  ConversationStatus,
  Ephemeral,
  Moved,
  OwnerSink,
  ReadReply,
  Submission,
  SubmitReply,
  Subscriber,
} from '../protocol/conversation-port.ts'
import { ErrandQueue } from './errand-queue.ts'
import type { OwnerAccess } from './owner-access.ts'
import { backoffMs, decideRoute, type Route, type RouteInput, targetOf, UNKNOWN_ROUTE } from './route-decision.ts'
import { SubscriberSet, type SubscriberSetLimits } from './subscriber-set.ts'

export interface EdgeLimits extends SubscriberSetLimits {
  /** How long a submission or read looks for an owner before it is refused `owner-unreachable`. */
  readonly patienceMs: number
  /** Submissions and reads of one conversation without an answer. */
  readonly errandsMax: number
  /** Time without an owner after which subscribers are told `resuming`. */
  readonly resumingMs: number
  /** An owner that knows of more events than it sent for so long is attached to again. */
  readonly stallMs: number
  /** How long a conversation that nobody looks at stays attached. */
  readonly lingerMs: number
}

/** What a conversation needs of its relay. */
export interface EdgeSurroundings {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly limits: EdgeLimits
  access(incarnation: Incarnation): OwnerAccess | undefined
  preferred(conversation: ConversationId): readonly Incarnation[]
  findOwner(conversation: ConversationId): Promise<Incarnation | undefined>
  /** Has `by` take the conversation over from `owner`, if that agrees; whoever has it then announces it. */
  relocate(conversation: ConversationId, by: Incarnation, owner: Incarnation): void
  /** The first subscriber came, or the last one went. */
  lookedAt(by: 1 | -1): void
  /** Nobody looks at it and nothing is unanswered: it may be forgotten. */
  idle(conversation: ConversationId): void
}

/** A node that is taken for the owner, until something says otherwise. What earlier ones still send is not heard. */
interface Upstream {
  readonly incarnation: Incarnation
  readonly access: OwnerAccess
  attached: 'no' | 'asked' | 'yes'
  /** The head as the owner told it when it was attached to. */
  headSeq: Seq
}

const UNTIMED: Cancel = () => {}

/**
 * One conversation as the clients of this node have it: who looks at it, what they want, and the node that is taken
 * for its owner. Where to ask is `decideRoute`'s to say; this carries it out.
 */
export class EdgeConversation {
  readonly #conversation: ConversationId
  readonly #around: EdgeSurroundings
  readonly #subscribers: SubscriberSet
  readonly #errands: ErrandQueue
  #route: Route = UNKNOWN_ROUTE
  #upstream: Upstream | undefined
  /** The next attempt is due at some time, or the store is being asked. */
  #searching = false
  /** What the owner says, and what there is to say while there is none. */
  #ownerStatus: ConversationStatus = 'live'
  #orphanStatus: ConversationStatus = 'resuming'
  #looked = false
  #cancelRetry = UNTIMED
  #cancelResuming: Cancel | undefined
  #cancelStall = UNTIMED
  #cancelLinger = UNTIMED

  constructor(conversation: ConversationId, around: EdgeSurroundings) {
    const { clock, limits } = around
    this.#conversation = conversation
    this.#around = around
    this.#errands = new ErrandQueue({
      clock,
      patienceMs: limits.patienceMs,
      errandsMax: limits.errandsMax,
      settled: (byOwner) => this.#errandSettled(byOwner),
      moved: (moved) => this.#movedAway(moved),
    })
    this.#subscribers = new SubscriberSet({
      conversation,
      clock,
      limits,
      read: (after, limit) => this.read(after, limit),
      left: () => this.#left(),
    })
  }

  get subscribed(): boolean {
    return this.#subscribers.size > 0
  }

  attach(after: Seq, subscriber: Subscriber): Attachment {
    const attachment = this.#subscribers.join(after, subscriber)
    this.#countLookers()
    this.#wanted()
    return attachment
  }

  submit(submission: Submission): Promise<SubmitReply> {
    const reply = this.#errands.submit(submission, (access) => access.submit(this.#conversation, submission))
    this.#wanted()
    return reply
  }

  read(after: Seq, limit: number): Promise<ReadReply> {
    const reply = this.#errands.read((access) => access.read(this.#conversation, after, limit))
    this.#wanted()
    return reply
  }

  signal(ephemeral: Ephemeral): void {
    this.#upstream?.access.signal(this.#conversation, ephemeral)
  }

  /** Somebody says that it owns the conversation at `epoch`. */
  announced(owner: Incarnation, epoch: Epoch): void {
    const asked = this.#upstream?.incarnation === owner
    if (asked && (this.#upstream?.attached !== 'yes' || epoch <= this.#route.epoch))
      // It claimed the conversation because it was asked; its answer is on the way, or here.
      this.#route = { ...this.#route, owner, epoch: Math.max(this.#route.epoch, epoch) }
    else this.#decide({ kind: 'announced', owner, epoch })
  }

  /** Other nodes can be asked than before. */
  peersChanged(): void {
    if (this.#upstream && !this.#around.access(this.#upstream.incarnation)) this.#decide({ kind: 'no-answer' })
    else if (!this.#upstream && this.#searching) this.#connect()
  }

  #wanted(): void {
    this.#cancelLinger()
    this.#expectOwner()
    if (this.#upstream) this.#attachUpstream(this.#upstream)
    else if (!this.#searching) this.#connect()
  }

  #connect(): void {
    this.#cancelRetry()
    this.#searching = false
    if (!this.subscribed && this.#errands.size === 0) return
    this.#expectOwner()
    const reachable = (incarnation: Incarnation) => this.#around.access(incarnation) !== undefined
    const incarnation = targetOf(this.#route, this.#around.preferred(this.#conversation), reachable)
    const access = incarnation === undefined ? undefined : this.#around.access(incarnation)
    if (incarnation === undefined || !access) return this.#later()
    const upstream: Upstream = { incarnation, access, attached: 'no', headSeq: 0 }
    this.#upstream = upstream
    this.#ownerStatus = 'live'
    this.#attachUpstream(upstream)
    // Right behind the attachment: whoever has to claim the conversation first answers both.
    this.#errands.route(access)
  }

  #attachUpstream(upstream: Upstream): void {
    if (!this.subscribed || upstream.attached !== 'no') return
    upstream.attached = 'asked'
    const after = this.#subscribers.last
    void upstream.access.attach(this.#conversation, after, this.#sinkOf(upstream)).then((reply) => {
      if (this.#upstream === upstream) this.#attachReplied(upstream, after, reply)
    })
  }

  #attachReplied(upstream: Upstream, after: Seq, reply: AttachReply): void {
    if (reply.kind === 'moved') return this.#movedAway(reply)
    if (reply.kind === 'refused') return this.#attachRefused(upstream, reply)
    // An owner of old that does not know yet that it was replaced.
    if (reply.epoch < this.#route.epoch) return this.#movedAway({ kind: 'moved' })
    if (reply.headSeq < after && this.#subscribers.untouched) {
      // Somebody came with a position beyond the log's end; the others must not wait for it.
      this.#subscribers.restart(reply.headSeq)
      upstream.attached = 'no'
      return this.#attachUpstream(upstream)
    }
    upstream.attached = 'yes'
    upstream.headSeq = reply.headSeq
    this.#route = decideRoute(
      this.#route,
      { kind: 'found', by: upstream.incarnation, epoch: reply.epoch },
      () => true,
    ).route
    this.#ownerFound()
    this.#watchForStall(upstream)
  }

  #sinkOf(upstream: Upstream): OwnerSink {
    const present = (epoch: Epoch) => this.#upstream === upstream && epoch >= this.#route.epoch
    return {
      events: (_, epoch, records) => {
        if (!present(epoch)) return
        this.#route = { ...this.#route, epoch }
        if (this.#subscribers.append(records) === 'gap') this.#gap(records[0]?.seq ?? 0)
      },
      ephemeral: (_, epoch, ephemeral) => {
        if (present(epoch)) this.#subscribers.ephemeral(ephemeral)
      },
      status: (_, epoch, status) => {
        if (!present(epoch)) return
        this.#ownerStatus = status
        if (upstream.attached === 'yes') this.#subscribers.status(status)
      },
      moved: (_, moved) => {
        if (this.#upstream === upstream) this.#movedAway(moved)
      },
      ended: (_, refusal) => {
        if (this.#upstream === upstream) this.#ended(upstream, refusal)
      },
    }
  }

  #movedAway(moved: Moved): void {
    const by = this.#upstream?.incarnation
    if (by !== undefined) this.#decide({ ...moved, by })
  }

  #errandSettled(byOwner: boolean): void {
    const by = this.#upstream?.incarnation
    if (byOwner && by !== undefined) this.#route = decideRoute(this.#route, { kind: 'found', by }, () => true).route
    this.#mayRest()
  }

  /** Refusals for now are waited out; the others end the attachment. */
  #attachRefused(upstream: Upstream, refusal: Refusal): void {
    if (!isPassing(refusal)) return this.#ended(upstream, refusal)
    if (refusal.code === 'store-unavailable') {
      this.#orphanStatus = 'store-unavailable'
      this.#subscribers.status('store-unavailable')
    }
    this.#decide({ kind: 'no-answer' })
  }

  #ended(upstream: Upstream, refusal: Refusal): void {
    upstream.attached = 'no'
    this.#cancelStall()
    this.#subscribers.ended(refusal)
    this.#ownerFound()
    this.#left()
  }

  #gap(seq: Seq): void {
    const reason = `Events up to ${this.#subscribers.last} are here and the owner went on with ${seq}; attaching again.`
    this.#around.log.decision('re-attach', reason, { conversation: this.#conversation })
    this.#decide({ kind: 'no-answer' })
  }

  #decide(input: RouteInput): void {
    const { route, act, relocate } = decideRoute(
      this.#route,
      input,
      (incarnation) => this.#around.access(incarnation) !== undefined,
    )
    this.#route = route
    if (relocate) this.#around.relocate(this.#conversation, relocate.by, relocate.owner)
    if (act === 'stay') return
    this.#leaveUpstream()
    if (act === 'ask-at-once') this.#connect()
    else if (act === 'ask-later') this.#later()
    else this.#askTheStore()
  }

  #leaveUpstream(): void {
    const upstream = this.#upstream
    this.#upstream = undefined
    this.#errands.route(undefined)
    this.#cancelStall()
    if (upstream && upstream.attached !== 'no') upstream.access.detach(this.#conversation)
  }

  #later(): void {
    this.#searching = true
    this.#cancelRetry()
    const delayMs = backoffMs(this.#route.failures, this.#around.random.fraction())
    this.#route = { ...this.#route, failures: Math.max(this.#route.failures, 1) }
    this.#cancelRetry = this.#around.clock.after(delayMs, () => this.#connect())
  }

  #askTheStore(): void {
    this.#searching = true
    this.#cancelRetry()
    const found = (owner: Incarnation | undefined) => {
      // Meanwhile an announcement may have told.
      if (this.#upstream || !this.#searching) return
      this.#decide(owner === undefined ? { kind: 'store-says' } : { kind: 'store-says', owner })
    }
    this.#around.findOwner(this.#conversation).then(found, () => found(undefined))
  }

  /** From now on the subscribers wait for an owner; a failover that is quick enough stays unseen. */
  #expectOwner(): void {
    if (!this.subscribed || this.#upstream?.attached === 'yes') return
    this.#cancelResuming ??= this.#around.clock.after(this.#around.limits.resumingMs, () =>
      this.#subscribers.status(this.#orphanStatus),
    )
  }

  #ownerFound(): void {
    this.#cancelResuming?.()
    this.#cancelResuming = undefined
    this.#orphanStatus = 'resuming'
    this.#subscribers.status(this.#ownerStatus)
  }

  /** An owner whose store is away may have stopped in the middle of what it owes; nobody would ever tell. */
  #watchForStall(upstream: Upstream): void {
    this.#cancelStall()
    const { last } = this.#subscribers
    if (last >= upstream.headSeq) return
    this.#cancelStall = this.#around.clock.after(this.#around.limits.stallMs, () => {
      if (this.#subscribers.last === last) this.#decide({ kind: 'no-answer' })
      else this.#watchForStall(upstream)
    })
  }

  #left(): void {
    this.#countLookers()
    this.#mayRest()
  }

  #countLookers(): void {
    if (this.#looked === this.subscribed) return
    this.#looked = this.subscribed
    this.#around.lookedAt(this.#looked ? 1 : -1)
  }

  #mayRest(): void {
    this.#cancelLinger()
    if (this.subscribed || this.#errands.size > 0) return
    this.#cancelResuming?.()
    this.#cancelResuming = undefined
    this.#cancelLinger = this.#around.clock.after(this.#around.limits.lingerMs, () => this.#rest())
  }

  #rest(): void {
    if (this.subscribed || this.#errands.size > 0) return
    this.#cancelRetry()
    this.#searching = false
    this.#leaveUpstream()
    this.#around.idle(this.#conversation)
  }
}
