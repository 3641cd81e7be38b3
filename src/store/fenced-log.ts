import { assert } from '../base/assertion.ts'
import { type Clock, pause } from '../base/clock.ts'
import type { Epoch, Incarnation, Owner } from '../base/ids.ts'
import type { Log } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import {
  type Claimed,
  type ClaimOutcome,
  type ClaimRequest,
  IndefiniteOutcome,
  type LogStore,
  type Slice,
  type SliceOutcome,
} from './log-store.ts'

export type AppendOutcome =
  | SliceOutcome
  /** The reply was lost; claimed again at a higher epoch: the tail tells whether the slice is in it. */
  | { readonly kind: 'resolved'; readonly claimed: Claimed }
  /** The reply was lost, and another node owns the conversation now. */
  | { readonly kind: 'lost'; readonly outcome: Exclude<ClaimOutcome, Claimed> }
  /** Surely not in the log, after all attempts. */
  | { readonly kind: 'unavailable' }

interface ResendPolicy {
  /** How often a slice that was surely not carried out is sent again; may be `Infinity`. */
  readonly resendAttempts: number
  readonly resendDelayMs: number
}

type Availability = 'available' | 'unavailable'

// Two statements in flight keep the store busy while the next batch gathers; larger batches were measured to be slower.
const BATCHES_IN_FLIGHT_MAX = 2
const BATCH_ROWS_MAX = 512
// Fewer rows than this are a small batch: a statement and a commit of its own cost more than what is in it.
const BATCH_ROWS_SMALL = 64
// Small batches start so far apart. Measured: half the database's CPU at 2,000 messages/s, for 3 ms more at the median.
const SMALL_BATCH_EVERY_MS = 5
const BATCH_CHARACTERS_MAX = 1024 * 1024
// What may wait in all while the store is away; beyond it appends are refused instead of filling the memory.
const QUEUED_CHARACTERS_MAX = 64 * 1024 * 1024
const RESOLVED_TOGETHER_MAX = 64
const RESOLVE_DELAY_MS = 50
const RESOLVE_DELAY_MS_MAX = 1000

interface Entry {
  readonly slice: Slice
  readonly characters: number
  readonly settle: (outcome: AppendOutcome) => void
  attempts: number
}

/** A slice of which nobody knows whether it is in the log. */
interface Doubt {
  readonly entry: Entry
  readonly expect?: { readonly epoch: Epoch; readonly incarnation: Incarnation }
}

/**
 * Group commit, and what becomes of lost replies, once for all stores. A batch is whatever arrived while the ones
 * before it were under way; as long as that is little, batches keep a distance, so that more travels together. A lone
 * append waits for nobody.
 */
export class FencedLog {
  readonly #store: LogStore
  readonly #clock: Clock
  readonly #log: Log
  readonly #metrics: Metrics
  readonly #self: () => Owner
  readonly #policy: ResendPolicy
  readonly #underWay = new Set<string>()
  readonly #listeners: ((availability: Availability) => void)[] = []
  #queue: Entry[] = []
  #queuedCharacters = 0
  #inFlight = 0
  #resting = false
  #gathering = false
  #startedMs = Number.NEGATIVE_INFINITY
  #pacing = false
  #availability: Availability = 'available'

  constructor(options: {
    store: LogStore
    clock: Clock
    log: Log
    metrics: Metrics
    self: () => Owner
    policy: ResendPolicy
  }) {
    this.#store = options.store
    this.#clock = options.clock
    this.#log = options.log
    this.#metrics = options.metrics
    this.#self = options.self
    this.#policy = options.policy
  }

  availability(): Availability {
    return this.#availability
  }

  /**
   * Something else was answered by the store. Appends that wait tell for themselves; where none is left to tell, the
   * store is taken to be back.
   */
  storeAnswered(): void {
    if (this.#queue.length === 0 && this.#underWay.size === 0) this.#turn('available')
  }

  /** Told when the store goes away and when it is back. */
  onAvailability(listener: (availability: Availability) => void): void {
    this.#listeners.push(listener)
  }

  /** Resolves when the outcome is known; never rejects. One slice of a conversation at a time. */
  append(slice: Slice): Promise<AppendOutcome> {
    assert(!this.#underWay.has(nameOf(slice)), 'one slice of an ownership is under way at a time')
    // The store checks where a slice begins, and trusts the rest.
    const dense = slice.events.every(({ seq }, index) => seq === slice.expectSeq + index + 1)
    assert(dense, 'the events of a slice follow each other')
    const characters = slice.events.reduce((sum, { json }) => sum + json.length, 0)
    if (this.#queuedCharacters + characters > QUEUED_CHARACTERS_MAX) return Promise.resolve({ kind: 'unavailable' })
    this.#underWay.add(nameOf(slice))
    this.#queuedCharacters += characters
    return new Promise((settle) => {
      this.#queue.push({ slice, characters, settle, attempts: 0 })
      this.#gather()
    })
  }

  /** Lets everything that this turn of the event loop brings travel together. */
  #gather(): void {
    if (this.#gathering) return
    this.#gathering = true
    this.#clock.after(0, () => {
      this.#gathering = false
      this.#pump()
    })
  }

  #pump(): void {
    while (!this.#resting && this.#inFlight < BATCHES_IN_FLIGHT_MAX && this.#queue.length > 0) {
      const waiting = this.#queue.reduce((sum, { slice }) => sum + slice.events.length, 0)
      if (waiting < BATCH_ROWS_SMALL && this.#keepsDistance()) return
      this.#startedMs = this.#clock.monotonicMs()
      void this.#send(this.#nextBatch(waiting))
    }
  }

  /** Whether the last batch started only just now; what waits is then looked at again when it may go. */
  #keepsDistance(): boolean {
    const leftMs = this.#startedMs + SMALL_BATCH_EVERY_MS - this.#clock.monotonicMs()
    if (leftMs <= 0) return false
    if (this.#pacing) return true
    this.#pacing = true
    this.#clock.after(Math.ceil(leftMs), () => {
      this.#pacing = false
      this.#pump()
    })
    return true
  }

  /** What waits is shared between the statements that may start now, so that they run beside each other. */
  #nextBatch(waiting: number): readonly Entry[] {
    const share = Math.max(BATCH_ROWS_SMALL, waiting / (BATCHES_IN_FLIGHT_MAX - this.#inFlight))
    const rowsMax = Math.min(BATCH_ROWS_MAX, share)
    let rows = 0
    let characters = 0
    let count = 0
    for (const entry of this.#queue) {
      rows += entry.slice.events.length
      characters += entry.characters
      if (count > 0 && (rows > rowsMax || characters > BATCH_CHARACTERS_MAX)) break
      count += 1
    }
    return this.#queue.splice(0, count)
  }

  async #send(batch: readonly Entry[]): Promise<void> {
    this.#inFlight += 1
    this.#metrics.count('append_batches')
    try {
      const outcomes = await this.#store.append(batch.map(({ slice }) => slice))
      this.#turn('available')
      batch.forEach((entry, index) => {
        const outcome = outcomes[index]
        assert(outcome, 'the store answers each slice')
        this.#settle(entry, outcome)
      })
    } catch (error) {
      if (error instanceof IndefiniteOutcome) {
        this.#metrics.count('indefinite_appends', batch.length)
        this.#resolve(batch)
      } else this.#sendAgain(batch, error)
    } finally {
      this.#inFlight -= 1
      this.#gather()
    }
  }

  #settle(entry: Entry, outcome: AppendOutcome): void {
    this.#underWay.delete(nameOf(entry.slice))
    this.#queuedCharacters -= entry.characters
    entry.settle(outcome)
  }

  /** The store surely did not take these: they go first when it is tried again, in the same order. */
  #sendAgain(batch: readonly Entry[], error: unknown): void {
    this.#turn('unavailable', error)
    const again: Entry[] = []
    for (const entry of batch) {
      entry.attempts += 1
      if (entry.attempts > this.#policy.resendAttempts) this.#settle(entry, { kind: 'unavailable' })
      else again.push(entry)
    }
    this.#queue.unshift(...again)
    if (this.#resting) return
    this.#resting = true
    this.#clock.after(this.#policy.resendDelayMs, () => {
      this.#resting = false
      this.#pump()
    })
  }

  /**
   * Absence in a read proves nothing: the lost statement may still be on its way. A claim waits behind it, shuts it
   * out by the next epoch, and returns the true tail (LO2).
   */
  #resolve(batch: readonly Entry[]): void {
    for (let at = 0; at < batch.length; at += RESOLVED_TOGETHER_MAX)
      void this.#claimAgain(batch.slice(at, at + RESOLVED_TOGETHER_MAX))
  }

  async #claimAgain(entries: readonly Entry[]): Promise<void> {
    const self = this.#self()
    const expected = ({ epoch }: Slice) => ({ epoch, incarnation: self.incarnation })
    let doubts: readonly Doubt[] = entries.map((entry) => ({ entry, expect: expected(entry.slice) }))
    for (let delayMs = RESOLVE_DELAY_MS; doubts.length > 0; ) {
      const outcomes = await this.#store.claim(doubts.map(requestOf), self).catch((error: unknown) => {
        this.#turn('unavailable', error)
      })
      if (outcomes) doubts = this.#settleDoubts(doubts, outcomes, self)
      else {
        await pause(this.#clock, delayMs)
        delayMs = Math.min(delayMs * 2, RESOLVE_DELAY_MS_MAX)
      }
    }
  }

  /** Answers those that still have to be claimed. */
  #settleDoubts(doubts: readonly Doubt[], outcomes: readonly ClaimOutcome[], self: Owner): readonly Doubt[] {
    this.#turn('available')
    return doubts.flatMap(({ entry }, index) => {
      const outcome = outcomes[index]
      assert(outcome, 'the store answers each claim')
      // An earlier attempt was carried out and its reply lost too: the next epoch is ours, whichever it is.
      if (outcome.kind === 'alive' && outcome.owner.incarnation === self.incarnation) return [{ entry }]
      this.#settle(entry, resolution(entry.slice, outcome, self))
      return []
    })
  }

  #turn(availability: Availability, error?: unknown): void {
    if (availability === this.#availability) return
    this.#availability = availability
    const reason =
      availability === 'available'
        ? 'The store answers again; what waited is appended.'
        : 'The store does not answer; appends wait and nothing is acknowledged.'
    this.#log.decision('store', reason, { ...(error instanceof Error && { error: error.message }) })
    for (const listener of this.#listeners) listener(availability)
  }
}

// One ownership of a conversation: a slice of an earlier one may still wait for the store, to be fenced.
const nameOf = ({ conversation, epoch }: Slice) => `${conversation}/${epoch}`

function requestOf({ entry, expect }: Doubt): ClaimRequest {
  return { conversation: entry.slice.conversation, ...(expect && { expect }) }
}

function resolution(slice: Slice, outcome: ClaimOutcome, self: Owner): AppendOutcome {
  if (outcome.kind !== 'claimed') return { kind: 'lost', outcome }
  const begin = outcome.tail[0]?.seq ?? outcome.seq + 1
  if (begin <= slice.expectSeq + 1) return { kind: 'resolved', claimed: outcome }
  // Others owned it meanwhile and went far ahead. The tail does not join what the owner knows: it must start afresh.
  const { conversation, epoch } = outcome
  return { kind: 'lost', outcome: { kind: 'alive', conversation, epoch, owner: self } }
}
