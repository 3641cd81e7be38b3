import { type Cancel, type Clock, every, pause } from '../base/clock.ts'
import type { ConversationId, Incarnation, Owner } from '../base/ids.ts'
import type { Log } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import { type Claimed, type Damaged, LEASE, type LogStore } from '../store/log-store.ts'
import type { Membership } from './membership.ts'

/** Where adopted conversations go: the node's owner side. */
export interface Adopter {
  /** May this node take conversations now? Not while it drains. */
  willing(): boolean
  /** Takes them in; those that are damaged are only told of. */
  install(outcomes: readonly (Claimed | Damaged)[], why: string): void
  /** Whether a conversation is in memory, or on its way there. */
  holds(conversation: ConversationId): boolean
  /** Makes this node the owner if nobody else is; resolves when that is settled. */
  wake(conversation: ConversationId): Promise<void>
  /** Claims what this node owns in the store already: nobody else can, so it does even where it wants no more. */
  reclaim(conversation: ConversationId): Promise<void>
}

// Heads per statement: small enough that several adopters share the work, large enough to be done in a few.
const BATCH = 32
// A dead incarnation's heads are looked for again after this time: a fellow adopter may have died with some.
const LOOK_AGAIN_MS = 2000
const FELLOWS_MS = 150
const DUE_MS = 1000
const DUE_BATCH = 64
const RECONCILE_MS = 5000
const RECONCILE_PAGE = 10_000
// Soon enough for whoever repaired one; rarely enough that all which are beyond repair cost next to nothing.
const DAMAGED_MS = 60_000
const DAMAGED_BATCH = 32

/**
 * Takes over what dead incarnations left, wakes what is due, finds again what this node owns without knowing it (a claim
 * whose reply was lost), and tries what was set apart as damaged, because it may have been repaired.
 */
export class Adoption {
  readonly #ports: { clock: Clock; log: Log; metrics: Metrics; store: LogStore }
  readonly #membership: Membership
  readonly #adopter: Adopter
  readonly #emptyAt = new Map<Incarnation, number>()
  readonly #timers: Cancel[] = []
  #adopting = false
  #waking = false
  /** Where the next round through the damaged conversations goes on; absent: at the first one. */
  #damagedTriedTo: ConversationId | undefined
  #lookAgain = false

  constructor(
    ports: { clock: Clock; log: Log; metrics: Metrics; store: LogStore },
    membership: Membership,
    adopter: Adopter,
  ) {
    this.#ports = ports
    this.#membership = membership
    this.#adopter = adopter
  }

  start(): void {
    const { clock } = this.#ports
    this.#membership.onChange(() => void this.#adopt())
    this.#timers.push(every(clock, DUE_MS, () => void this.#wakeDue()))
    this.#timers.push(every(clock, RECONCILE_MS, () => void this.#reconcile()))
    this.#timers.push(every(clock, DAMAGED_MS, () => void this.#tryDamaged()))
  }

  stop(): void {
    for (const cancel of this.#timers) cancel()
  }

  #able(): boolean {
    return this.#adopter.willing() && this.#membership.leaseHeld()
  }

  /** One loop at a time; a change of the membership during it asks for one more. */
  async #adopt(): Promise<void> {
    if (this.#adopting) {
      this.#lookAgain = true
      return
    }
    this.#adopting = true
    try {
      do {
        this.#lookAgain = false
        const dead = this.#deadToLookAt()
        if (dead.length > 0) await this.#takeAll(dead)
      } while (this.#lookAgain && this.#able())
    } catch (error) {
      this.#ports.log.debug('Adoption paused: the store did not answer.', { error })
    } finally {
      this.#adopting = false
    }
  }

  #deadToLookAt(): readonly Incarnation[] {
    if (!this.#able()) return []
    const now = this.#ports.clock.monotonicMs()
    const dead = this.#membership.members().filter(({ tombstoned }) => tombstoned)
    for (const known of this.#emptyAt.keys())
      if (!dead.some(({ incarnation }) => incarnation === known)) this.#emptyAt.delete(known)
    return dead
      .map(({ incarnation }) => incarnation)
      .filter((incarnation) => now - (this.#emptyAt.get(incarnation) ?? Number.NEGATIVE_INFINITY) >= LOOK_AGAIN_MS)
  }

  async #takeAll(dead: readonly Incarnation[]): Promise<void> {
    let share = this.#fairShare(dead)
    while (this.#able()) {
      if (share <= 0) {
        // The others take theirs meanwhile; what is left after that is left by somebody who could not.
        await pause(this.#ports.clock, FELLOWS_MS)
        share = Number.POSITIVE_INFINITY
        continue
      }
      const self = this.#membership.self()
      const limit = Math.min(BATCH, share)
      const outcomes = await this.#ports.store.adopt(dead, self, limit)
      if (this.#membership.self() !== self) return
      this.#ports.metrics.count('adoptions', outcomes.filter(({ kind }) => kind === 'claimed').length)
      this.#adopter.install(outcomes, 'its owner is dead')
      if (outcomes.length < limit) break
      share -= outcomes.length
    }
    const now = this.#ports.clock.monotonicMs()
    for (const incarnation of dead) this.#emptyAt.set(incarnation, now)
  }

  /** What each of the living takes first, so that the quickest does not end up with everything. */
  #fairShare(dead: readonly Incarnation[]): number {
    const members = this.#membership.members()
    const left = members
      .filter(({ incarnation }) => dead.includes(incarnation))
      .reduce((sum, { owned }) => sum + owned, 0)
    const adopters = members.filter(
      ({ tombstoned, mode, roles, beatAgeMs }) =>
        !tombstoned && mode !== 'draining' && beatAgeMs < LEASE.leaseMs && roles.some((role) => role !== 'edge'),
    )
    return Math.ceil(left / Math.max(adopters.length, 1)) || BATCH
  }

  async #wakeDue(): Promise<void> {
    if (this.#waking) return
    this.#waking = true
    let full = true
    while (full && this.#able()) {
      const due = await this.#ports.store.due(DUE_BATCH).catch(() => [])
      full = due.length === DUE_BATCH
      await Promise.all(due.map((conversation) => this.#adopter.wake(conversation)))
    }
    this.#waking = false
  }

  /** Some of them in each round, so that many cannot keep this node from its other work. */
  async #tryDamaged(): Promise<void> {
    if (!this.#able()) return
    const damaged = await this.#ports.store.damaged(DAMAGED_BATCH, this.#damagedTriedTo).catch(() => undefined)
    if (!damaged) return
    this.#damagedTriedTo = damaged.length === DAMAGED_BATCH ? damaged.at(-1)?.conversation : undefined
    for (const { conversation } of damaged) void this.#adopter.wake(conversation)
  }

  async #reconcile(): Promise<void> {
    if (!this.#membership.leaseHeld()) return
    const forgotten = await this.#forgotten(this.#membership.self())
    if (forgotten.length === 0) return
    this.#ports.log.decision(
      'reclaim',
      `${forgotten.length} conversations belong to this node in the store but not in memory; they are claimed again.`,
    )
    for (const conversation of forgotten) void this.#adopter.reclaim(conversation)
  }

  /** What `self` owns in the store and nobody here knows of; nothing once it is another incarnation. */
  async #forgotten(self: Owner): Promise<readonly ConversationId[]> {
    const forgotten: ConversationId[] = []
    for (let after: ConversationId | undefined, full = true; full; ) {
      const page = await this.#ports.store.ownedBy(self.incarnation, RECONCILE_PAGE, after).catch(() => [])
      if (this.#membership.self() !== self) return []
      for (const { conversation } of page) if (!this.#adopter.holds(conversation)) forgotten.push(conversation)
      after = page.at(-1)?.conversation
      full = page.length === RECONCILE_PAGE
    }
    return forgotten
  }
}
