import { type Clock, pause } from '../base/clock.ts'
import type { EventRecord } from '../base/event-record.ts'
import type { ConversationId, Epoch, Owner, Seq } from '../base/ids.ts'
import type { Log } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import { type Refusal, refuse } from '../base/refusals.ts'
import type { Submission } from '../conversation/command.ts'
import type { DecisionContext } from '../conversation/decide.ts'
import type { ConversationEvent } from '../conversation/event.ts'
import { fromRecord } from '../conversation/event-json.ts'
import { fold } from '../conversation/evolve.ts'
import { NO_RECEIPTS, type Receipts, withReceipt } from '../conversation/receipts.ts'
import type { KeyUse } from '../conversation/recent-keys.ts'
import { toSnapshot } from '../conversation/snapshot.ts'
import type { ConversationState } from '../conversation/state.ts'
import { headPatch } from '../conversation/summary.ts'
import { nextTimer, sleepAllowed } from '../conversation/timers.ts'
import type { Ephemeral, Moved, OwnerSink, ReadReply, SubmitReply } from '../protocol/conversation-port.ts'
import type { AppendOutcome, FencedLog } from '../store/fenced-log.ts'
import type { Claimed, LogStore, Slice } from '../store/log-store.ts'
import { Attachments } from './attachments.ts'
import { OwedSubmissions } from './owed-submissions.ts'
import type { Posts } from './posts.ts'
import { type CommandFault, type FormedSlice, formSlice, type Verdict } from './slice-decision.ts'

/** What an owned conversation needs of its node. */
export interface OwnerNode {
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly store: LogStore
  readonly fencedLog: FencedLog
  readonly limits: OwnerLimits
  self(): Owner
  storeNow(): number
  leaseHeld(): boolean
  /** The event format that every member reads. */
  format(): number
  /** What is to be done outside once a step is durable; absent: nothing ever is. */
  readonly posts?: Posts
  whenHeld(): Promise<boolean>
  /** The conversation is not this node's any more. */
  dropped(conversation: ConversationId): void
  /** The program failed at it: it must be set apart before anybody asks for it again. */
  failed(error: unknown): void
}

export interface OwnerLimits {
  /** Submissions that may wait for one conversation; one more is refused `busy`. */
  readonly queued: number
  /** Submissions decided in one slice. */
  readonly sliceSubmissions: number
  readonly textLength: number
  /** Events between two snapshots. */
  readonly snapshotEvery: number
  readonly onStoreError: 'wait' | 'close'
  /** Names of the notices that are kept in the log; absent: all are. */
  readonly saveNotices?: readonly string[]
}

interface Pending {
  readonly submission: Submission
  readonly settle: (reply: SubmitReply | Moved) => void
}

const STORE_RETRY_MS = 1000
const READ_RETRY_MS = 200

/**
 * One conversation in the hands of its owner. The only order that matters is here: commands are decided when their
 * slice is formed, on durable state; a slice is appended; and only when it is durable, and the lease still holds, are
 * its senders answered and its events published (LO1, OW3).
 */
export class ConversationOwner {
  readonly conversation: ConversationId
  readonly #node: OwnerNode
  readonly #attachments: Attachments
  readonly #owed: OwedSubmissions
  #epoch: Epoch
  #state: ConversationState
  #queue: Pending[] = []
  #inFlight = false
  #paused = false
  #over = false
  #counted = false
  #sliceLimit: number
  #snapshotSeq: Seq
  #idleSinceMs: number
  /** What the store said about keys that memory had forgotten; kept until its submission is decided. */
  #lookedUp: { submission: Submission; found: KeyUse | null } | undefined
  #flushed: (() => void)[] = []
  #receipts: Receipts = NO_RECEIPTS

  constructor(node: OwnerNode, claimed: Claimed, state: ConversationState) {
    this.conversation = claimed.conversation
    this.#node = node
    this.#epoch = claimed.epoch
    this.#state = state
    this.#snapshotSeq = claimed.snapshot?.seq ?? 0
    this.#sliceLimit = node.limits.sliceSubmissions
    this.#idleSinceMs = node.clock.monotonicMs()
    this.#attachments = new Attachments(
      claimed.conversation,
      claimed.epoch,
      claimed.seq,
      claimed.tail,
      (after, limit) => this.#older(after, limit),
    )
    this.#owed = new OwedSubmissions({
      clock: node.clock,
      storeNow: () => node.storeNow(),
      state: () => this.#state,
      over: () => this.#over,
      submit: (submission) => this.submit(submission),
    })
    this.#owed.arm()
    this.#countSession()
  }

  get epoch(): Epoch {
    return this.#epoch
  }

  get headSeq(): Seq {
    return this.#state.headSeq
  }

  get status(): ConversationState['phase'] {
    return this.#state.phase
  }

  get attached(): number {
    return this.#attachments.size
  }

  /** Dropped: nothing is taken in, answered or published here any more. */
  get over(): boolean {
    return this.#over
  }

  isAttached(peer: string): boolean {
    return this.#attachments.has(peer)
  }

  attach(peer: string, after: Seq, sink: OwnerSink): void {
    this.#attachments.attach(peer, after, sink)
    if (this.#node.fencedLog.availability() === 'unavailable')
      sink.status(this.conversation, this.#epoch, 'store-unavailable')
    for (const [from, seq] of this.#receipts)
      sink.ephemeral(this.conversation, this.#epoch, { type: 'seen', from, seq })
    this.#touch()
  }

  detach(peer: string): void {
    this.#attachments.detach(peer)
    this.#touch()
  }

  signal(ephemeral: Ephemeral): void {
    if (ephemeral.type === 'seen') {
      const receipts = withReceipt(this.#receipts, this.#state, ephemeral.from, ephemeral.seq)
      if (receipts === this.#receipts) return
      this.#receipts = receipts
    }
    this.#attachments.ephemeral(ephemeral)
  }

  announceStatus(status: 'live' | 'store-unavailable'): void {
    this.#attachments.status(status)
  }

  submit(submission: Submission): Promise<SubmitReply | Moved> {
    if (this.#over) return Promise.resolve({ kind: 'moved' })
    if (this.#queue.length >= this.#node.limits.queued) return Promise.resolve(refuse('busy', { retryAfterMs: 250 }))
    this.#touch()
    return new Promise((settle) => {
      this.#queue.push({ submission, settle })
      this.#pump()
    })
  }

  async read(after: Seq, limit: number): Promise<ReadReply | Moved> {
    const recent = this.#attachments.recent(after, limit)
    const records = recent ?? (await this.#older(after, limit))
    if (!records || this.#over) return { kind: 'moved' }
    return { kind: 'events', headSeq: this.#state.headSeq, records }
  }

  /** Takes in nothing more and resolves when nothing is in flight: the first step of a handover. */
  async pauseIntake(): Promise<void> {
    this.#paused = true
    if (this.#inFlight) await new Promise<void>((resolve) => this.#flushed.push(resolve))
  }

  resumeIntake(): void {
    this.#paused = false
    this.#pump()
  }

  /** Whether nothing would be lost or delayed by letting it sleep in the store. */
  mayRest(idleMs: number): boolean {
    const quiet = this.#queue.length === 0 && !this.#inFlight && !this.#paused && this.#attachments.size === 0
    if (!quiet || this.#node.clock.monotonicMs() - this.#idleSinceMs < idleMs) return false
    return this.#state.phase !== 'open' || sleepAllowed(this.#state, this.#node.storeNow())
  }

  /** Store time at which something is due, if anything is. */
  wakeAt(): number | undefined {
    return nextTimer(this.#state)?.dueAt
  }

  /** Ends this ownership: whoever waits here asks the next owner, with the same key. */
  drop(moved: Moved): void {
    if (this.#over) return
    this.#end()
    this.#attachments.moved(moved)
    for (const { settle } of this.#queue.splice(0)) settle(moved)
  }

  #end(): void {
    this.#over = true
    this.#countSession()
    this.#owed.cancel()
    this.#node.dropped(this.conversation)
    for (const resolve of this.#flushed.splice(0)) resolve()
  }

  /** Counts an open conversation in when it comes and out when it leaves, by whatever way: the rest is what is here. */
  #countSession(): void {
    const here = this.#state.phase === 'open' && !this.#over
    if (here === this.#counted) return
    this.#counted = here
    this.#node.metrics.count(here ? 'session_created' : 'session_closed')
  }

  #touch(): void {
    this.#idleSinceMs = this.#node.clock.monotonicMs()
  }

  #pump(): void {
    if (this.#inFlight || this.#paused || this.#over || this.#queue.length === 0) return
    this.#inFlight = true
    const turn = this.#turn().catch((error: unknown) => this.#failed(error))
    void turn.then(() => {
      this.#inFlight = false
      for (const resolve of this.#flushed.splice(0)) resolve()
      this.#pump()
    })
  }

  /** A bug that no single command can be blamed for: it costs this conversation and nothing else. */
  #failed(error: unknown): void {
    this.#node.failed(error)
    this.drop({ kind: 'moved' })
  }

  /** One slice from decision to answers. Rejects only where the program failed: whatever else happens is an outcome. */
  async #turn(): Promise<void> {
    if (!(await this.#mayServe())) return
    const batch = this.#queue.slice(0, this.#sliceLimit)
    const formed = formSlice(
      this.#state,
      batch.map(({ submission }) => submission),
      { epoch: this.#epoch, context: (submission) => this.#contextOf(submission) },
    )
    const decided = batch.slice(0, formed.verdicts.length)
    for (const fault of formed.faults) this.#tellFault(fault)
    if (formed.records.length > 0) {
      this.#queue.splice(0, decided.length)
      await this.#store(formed, decided)
    } else if (decided.length > 0) {
      this.#queue.splice(0, decided.length)
      this.#answer(decided, formed.verdicts)
    }
    const [first] = this.#queue
    if (formed.lookUp && decided.length === 0 && first && !this.#over) await this.#lookUp(first.submission)
  }

  async #store(formed: FormedSlice, decided: readonly Pending[]): Promise<void> {
    try {
      const slice = this.#sliceOf(formed)
      const outcome = await this.#node.fencedLog.append(slice)
      if (slice.outbox) this.#node.posts?.posted()
      if (await this.#mayServe(decided)) await this.#conclude(outcome, formed, decided)
    } catch (error) {
      // Whoever is not answered yet asks the next owner, by the key.
      for (const { settle } of decided) settle({ kind: 'moved' })
      throw error
    }
  }

  /** Past its lease the node is mute: inputs wait until the store renews it, or go to the next owner. */
  async #mayServe(decided: readonly Pending[] = []): Promise<boolean> {
    const held = this.#node.leaseHeld() || (await this.#node.whenHeld())
    if (held && !this.#over) return true
    for (const { settle } of decided) settle({ kind: 'moved' })
    if (!this.#over) this.drop({ kind: 'moved' })
    return false
  }

  #contextOf(submission: Submission): DecisionContext {
    const looked = this.#lookedUp?.submission === submission ? { lookedUp: this.#lookedUp.found } : {}
    const { textLength: textLengthMax, saveNotices } = this.#node.limits
    const keepsNotice = (name: string) => !saveNotices || saveNotices.includes('*') || saveNotices.includes(name)
    return { at: this.#node.storeNow(), textLengthMax, keepsNotice, format: this.#node.format(), ...looked }
  }

  #sliceOf(formed: FormedSlice): Slice {
    const head = headPatch(this.#state, formed.state)
    const { conversation } = this
    const step = { conversation, before: this.#state, after: formed.state, events: formed.events }
    const outbox = this.#node.posts?.of(step) ?? []
    return {
      conversation,
      epoch: this.#epoch,
      expectSeq: this.#state.headSeq,
      events: formed.records,
      ...(outbox.length > 0 && { outbox }),
      ...(head ? { head } : {}),
    }
  }

  async #conclude(outcome: AppendOutcome, formed: FormedSlice, decided: readonly Pending[]): Promise<void> {
    switch (outcome.kind) {
      case 'ok':
        this.#sliceLimit = this.#node.limits.sliceSubmissions
        this.#advance(formed.state, formed.records, formed.events)
        return this.#answer(decided, formed.verdicts)
      case 'resolved':
        // The reply was lost: the tail tells what happened, and the same keys find their seqs in it, or are decided anew.
        this.#requeue(decided)
        return this.#catchUp(outcome.claimed)
      case 'duplicate': {
        // Memory had forgotten a key; the unique index had not. Alone, its submission is the one that is meant.
        this.#requeue(decided)
        const [only, ...others] = decided
        if (others.length > 0) this.#sliceLimit = 1
        else if (only)
          this.#lookedUp = { submission: only.submission, found: { seq: outcome.seq, digest: outcome.digest } }
        return
      }
      case 'unstorable':
        return this.#isolate(outcome.reason, decided)
      case 'unavailable':
        return this.#unavailable(decided)
      case 'guard-failed':
        return this.#refuseAll(decided, refuse('busy', { retryAfterMs: 100 }))
      default:
        return this.#fenced(outcome, decided)
    }
  }

  #advance(state: ConversationState, records: readonly EventRecord[], events: readonly ConversationEvent[]): void {
    const { metrics } = this.#node
    this.#state = state
    this.#lookedUp = undefined
    metrics.count('events_appended', events.length)
    for (const { type } of events) {
      if (type === 'message') metrics.count('messages_appended')
      else if (type === 'opened') metrics.count('conversations_opened')
      else if (type === 'closed') metrics.count('conversations_closed')
    }
    this.#countSession()
    this.#attachments.publish(records, this.#epoch)
    this.#owed.arm()
    if (state.headSeq - this.#snapshotSeq >= this.#node.limits.snapshotEvery) this.#saveSnapshot()
  }

  #answer(decided: readonly Pending[], verdicts: readonly Verdict[]): void {
    decided.forEach(({ submission, settle }, index) => {
      const verdict = verdicts[index]
      if (!verdict) return
      if (verdict.kind === 'refused' && verdict.code === 'passed-on') this.#passOn(submission)
      if (verdict.kind === 'refused') this.#node.metrics.count('refusals')
      else if (verdict.duplicate) this.#node.metrics.count('duplicates')
      settle(verdict.kind === 'refused' ? verdict : { kind: 'ack', seq: verdict.seq })
    })
    this.#lookedUp = undefined
  }

  #tellFault({ submission, error }: CommandFault): void {
    this.#node.metrics.count('command_faults')
    this.#node.log.error('The program failed at a command; it is refused, and everything else goes on.', {
      conversation: this.conversation,
      command: submission.command.type,
      key: submission.key,
      error,
    })
  }

  /** A notice that is not kept reaches who is here now. */
  #passOn({ sender, command }: Submission): void {
    if (command.type !== 'notice') return
    const { notice, url, data } = command
    const texts = { ...(url !== undefined && { url }), ...(data !== undefined && { data }) }
    this.#attachments.ephemeral({ type: 'notice', from: sender.id, notice, ...texts })
  }

  #requeue(decided: readonly Pending[]): void {
    this.#queue.unshift(...decided)
  }

  #refuseAll(decided: readonly Pending[], refusal: Refusal): void {
    this.#node.metrics.count('refusals', decided.length)
    for (const { settle } of decided) settle(refusal)
  }

  /** Folds what a claim found beyond the known state; those events are durable, so they are published. */
  #catchUp(claimed: Claimed): void {
    this.#epoch = claimed.epoch
    const missed = claimed.tail.filter(({ seq }) => seq > this.#state.headSeq)
    const events = missed.map(fromRecord)
    this.#advance(fold(events, this.#state), missed, events)
    this.#node.log.decision(
      'resolve',
      `The outcome of an append was lost; claimed again at epoch ${claimed.epoch}, where ${missed.length} events were found.`,
      { conversation: this.conversation },
    )
  }

  /** The store cannot hold something in this slice: alone, each submission shows whether it is the one. */
  #isolate(reason: string, decided: readonly Pending[]): void {
    this.#node.log.warn('The store cannot hold a slice; its commands are tried one by one.', {
      conversation: this.conversation,
      reason,
    })
    if (decided.length <= 1)
      return this.#refuseAll(decided, refuse('malformed', { detail: 'The store cannot hold this.' }))
    this.#requeue(decided)
    this.#sliceLimit = 1
  }

  /** `onStoreError: close`: everybody is detached with the reason; `closed` is appended once the store is back. */
  #unavailable(decided: readonly Pending[]): void {
    this.#refuseAll(decided, refuse('store-unavailable', { retryAfterMs: STORE_RETRY_MS }))
    if (this.#node.limits.onStoreError === 'wait') return
    this.#refuseAll(this.#queue.splice(0), refuse('store-unavailable', { retryAfterMs: STORE_RETRY_MS }))
    this.#attachments.ended(refuse('store-unavailable'))
    this.#node.log.decision(
      'close',
      'The store stayed away longer than allowed; the conversation is closed as soon as it is back.',
      { conversation: this.conversation },
    )
    this.#owed.oweClosed()
  }

  #fenced(outcome: AppendOutcome, decided: readonly Pending[]): void {
    this.#node.metrics.count('fenced_appends')
    const owner =
      outcome.kind === 'fenced'
        ? outcome.owner
        : outcome.kind === 'lost' && outcome.outcome.kind === 'alive'
          ? outcome.outcome.owner
          : undefined
    const stranger = owner && owner.incarnation !== this.#node.self().incarnation ? owner : undefined
    const moved: Moved = stranger ? { kind: 'moved', owner: stranger.incarnation } : { kind: 'moved' }
    this.#node.log.decision(
      'fenced',
      `The store refused an append at epoch ${this.#epoch}: ${stranger ? `${stranger.node} owns the conversation now` : outcome.kind}; it is dropped here.`,
      { conversation: this.conversation },
    )
    for (const { settle } of decided) settle(moved)
    this.drop(moved)
  }

  async #lookUp(submission: Submission): Promise<void> {
    try {
      const found = await this.#node.store.findKey(this.conversation, submission.sender.id, submission.key)
      this.#lookedUp = { submission, found: found ?? null }
    } catch {
      const index = this.#queue.findIndex((pending) => pending.submission === submission)
      this.#refuseAll(
        this.#queue.splice(index, index < 0 ? 0 : 1),
        refuse('store-unavailable', { retryAfterMs: READ_RETRY_MS }),
      )
    }
  }

  /** A page of older events; waits out the store's absences, `undefined` when this ownership ended meanwhile. */
  async #older(after: Seq, limit: number): Promise<readonly EventRecord[] | undefined> {
    while (!this.#over) {
      const page = await this.#node.store.read(this.conversation, after, limit).catch(() => undefined)
      if (page && (await this.#node.whenHeld()))
        return this.#over ? undefined : page.records.filter(({ seq }) => seq <= this.#state.headSeq)
      await pause(this.#node.clock, READ_RETRY_MS)
    }
    return undefined
  }

  #saveSnapshot(): void {
    const seq = this.#state.headSeq
    this.#snapshotSeq = seq
    const { format, json } = toSnapshot(this.#state)
    // A snapshot only shortens the next restore; losing one costs nothing.
    this.#node.store.saveSnapshot(this.conversation, this.#epoch, { seq, format, json }).catch(() => {})
  }
}
