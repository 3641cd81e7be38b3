import { type Cancel, type Clock, pause } from '../base/clock.ts'
import type { Incarnation, NodeName, Owner } from '../base/ids.ts'
import type { Log } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import type { Random } from '../base/random.ts'
import { type BeatOutcome, LEASE, type MemberFacts, type MemberRow, type MemberStore } from '../store/log-store.ts'
import { type Lease, leaseHeld, renewed } from './lease-decision.ts'

/** What can be told of a join that failed for good. */
export class NameTaken extends Error {
  override readonly name = 'NameTaken'
}

interface MembershipPorts {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics: Metrics
  readonly store: MemberStore
}

// A beat that has no answer after this time is given up, so that a stalled connection cannot stop the next one.
const BEAT_PATIENCE_MS = 1000
// A restarted node of the same name waits for its predecessor's lease to pass, then takes the name for refused.
const JOIN_PATIENCE_MS = 2500

/**
 * This node's place in the cluster: joins, beats, knows everybody, knows whether its own lease holds.
 * The store's clock is the only one that several nodes share; `storeNow` follows it.
 */
export class Membership {
  readonly #ports: MembershipPorts
  readonly #node: NodeName
  readonly #facts: () => MemberFacts
  #self: Owner
  #lease: Lease = { phase: 'joining' }
  #members: readonly MemberRow[] = []
  #storeOffsetMs = 0
  /** The store knows this incarnation: before, a beat would be an answer to nothing. */
  #joined = false
  #beating = false
  #beatAgain = false
  #wasHeld = false
  #steadySinceMs = 0
  #cancelBeat: Cancel = () => {}
  #stopped = false
  #waiting: ((held: boolean) => void)[] = []
  readonly #changeListeners: (() => void)[] = []
  readonly #lostListeners: ((reason: string) => void)[] = []

  constructor(ports: MembershipPorts, node: NodeName, facts: () => MemberFacts) {
    this.#ports = ports
    this.#node = node
    this.#facts = facts
    this.#self = { node, incarnation: ports.random.id() }
  }

  self(): Owner {
    return this.#self
  }

  /** Everybody the store told of with the last beat, this node included. */
  members(): readonly MemberRow[] {
    return this.#members
  }

  /** Milliseconds since 1970 by the store's clock, as far as the last beat can tell. */
  storeNow(): number {
    return Math.round(this.#ports.clock.monotonicMs() + this.#storeOffsetMs)
  }

  /** Asked before each input is handled and before anything is acknowledged or published. */
  leaseHeld(): boolean {
    const held = leaseHeld(this.#lease, this.#ports.clock.monotonicMs())
    if (this.#wasHeld && !held) {
      this.#ports.metrics.count('lease_losses')
      this.#ports.log.decision('mute', 'The lease was not renewed in time; nothing is served until the store answers.')
    }
    this.#wasHeld = held
    return held
  }

  /** How long this node has renewed without a gap; what others did or did not do counts only within it. */
  steadyForMs(): number {
    return this.leaseHeld() ? this.#ports.clock.monotonicMs() - this.#steadySinceMs : 0
  }

  /** Resolves `true` at once or with the next renewal; `false` when this incarnation is lost. */
  whenHeld(): Promise<boolean> {
    if (this.leaseHeld()) return Promise.resolve(true)
    if (this.#lease.phase === 'lost' || this.#stopped) return Promise.resolve(false)
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  onChange(listener: () => void): void {
    this.#changeListeners.push(listener)
  }

  /** The store declared this incarnation dead: everything it held must be dropped before `rejoin`. */
  onLost(listener: (reason: string) => void): void {
    this.#lostListeners.push(listener)
  }

  /** Joins under the node's name and begins to beat. Throws `NameTaken` when another living process has it. */
  async start(): Promise<void> {
    const { clock, log } = this.#ports
    const givingUpAt = clock.monotonicMs() + JOIN_PATIENCE_MS
    for (let attempt = 0; !this.#stopped; attempt++) {
      try {
        const outcome = await this.#ports.store.join(this.#self, this.#facts())
        if (outcome.kind === 'joined') break
        if (clock.monotonicMs() > givingUpAt)
          throw new NameTaken(
            `Another living process is called ${this.#node} (at ${outcome.by.relayAddress}). Give this one another --name, or --new-identity if it is a copy.`,
          )
      } catch (error) {
        if (error instanceof NameTaken) throw error
        if (attempt === 0) log.warn('The store does not answer; joining again and again until it does.', { error })
      }
      await pause(clock, LEASE.beatMs)
    }
    this.#joined = true
    await this.#beat()
    this.#armBeat()
  }

  /** Lives on as a new incarnation, after `onLost`. */
  async rejoin(): Promise<void> {
    this.#cancelBeat()
    this.#joined = false
    this.#self = { node: this.#node, incarnation: this.#ports.random.id() }
    this.#lease = { phase: 'joining' }
    await this.start()
  }

  /** Beats at once, to learn what changed (a link closed, a tombstone was written). */
  refresh(): void {
    if (this.#beating) this.#beatAgain = true
    else void this.#beat()
  }

  /** Declares an incarnation dead for ever, and looks at the outcome. `false`: the store did not take it. */
  async tombstone(incarnation: Incarnation, reason: string): Promise<boolean> {
    try {
      await this.#ports.store.tombstone(incarnation, reason)
    } catch (error) {
      this.#ports.log.warn('A tombstone could not be written; it will be tried again.', { incarnation, error })
      return false
    }
    this.#ports.log.decision('tombstone', reason, { incarnation })
    this.refresh()
    return true
  }

  /** Ends this incarnation by its own tombstone, so that others adopt at once what it may still own. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelBeat()
    this.#settleWaiting(false)
    const { incarnation } = this.#self
    this.#lease = { phase: 'lost', reason: 'stopped' }
    // The beat that was to tell of the drain may be under way still: after the tombstone nobody would hear that it was meant.
    if (this.#joined && this.#facts().mode === 'draining')
      await this.#answerOf(this.#ports.store.beat(this.#self, this.#facts()))
    await this.#answerOf(this.#ports.store.tombstone(incarnation, `${this.#node} stopped`))
  }

  #armBeat(): void {
    if (this.#stopped) return
    this.#cancelBeat = this.#ports.clock.after(LEASE.beatMs, () => {
      if (!this.#beating) void this.#beat()
      this.#armBeat()
    })
  }

  async #beat(): Promise<void> {
    if (this.#stopped || !this.#joined || this.#lease.phase === 'lost') return
    const { clock } = this.#ports
    const self = this.#self
    const sentAtMs = clock.monotonicMs()
    this.#beating = true
    const outcome = await this.#answerOf(this.#ports.store.beat(self, this.#facts()))
    this.#beating = false
    // An answer to an earlier incarnation says nothing about this one.
    if (this.#self === self && !this.#stopped && outcome) this.#heard(outcome, sentAtMs)
    if (this.#beatAgain) {
      this.#beatAgain = false
      void this.#beat()
    }
  }

  /** What the store answers, or nothing where it is away or silent. */
  async #answerOf<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
    let cancel: Cancel = () => {}
    const silence = new Promise<undefined>((resolve) => {
      cancel = this.#ports.clock.after(BEAT_PATIENCE_MS, () => resolve(undefined))
    })
    const outcome = await Promise.race([asked.catch(() => undefined), silence])
    cancel()
    return outcome
  }

  #heard(outcome: BeatOutcome, sentAtMs: number): void {
    if (outcome.kind === 'tombstoned') {
      this.#lease = { phase: 'lost', reason: outcome.reason }
      this.#wasHeld = false
      this.#ports.log.decision(
        'incarnation-lost',
        `The store declared this incarnation dead (${outcome.reason}); all it owned is dropped.`,
      )
      this.#settleWaiting(false)
      for (const listener of this.#lostListeners) listener(outcome.reason)
      return
    }
    const nowMs = this.#ports.clock.monotonicMs()
    if (!this.leaseHeld()) this.#steadySinceMs = nowMs
    this.#lease = renewed(this.#lease, sentAtMs, LEASE)
    this.#storeOffsetMs = outcome.storeNow - (sentAtMs + nowMs) / 2
    this.#members = outcome.members
    if (this.leaseHeld()) this.#settleWaiting(true)
    for (const listener of this.#changeListeners) listener()
  }

  #settleWaiting(held: boolean): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve(held)
  }
}
