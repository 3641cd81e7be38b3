import { type Cancel, type Clock, pause } from '../base/clock.ts'
import type { Incarnation } from '../base/ids.ts'
import type { Log } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import type { Random } from '../base/random.ts'
import type { OutboxStore, TakenItem } from '../store/outbox-store.ts'
import {
  afterAttempt,
  beforeAttempt,
  type EffectOutcome,
  type EffectVerdict,
  RETRY_LIMITS,
  type RetryLimits,
} from './effect-decision.ts'

/**
 * Carries one item out in the world. It may be called again with the same id, on any node, after a success that nobody
 * could write down: it hands the id on, so that the other side can tell. A rejection is a failure that may pass.
 */
export type Effect = (item: Pick<TakenItem, 'id' | 'lane' | 'body' | 'attempt'>) => Promise<EffectOutcome>

export interface OutboxPorts {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics: Metrics
  readonly store: Pick<OutboxStore, 'take' | 'settle' | 'postpone' | 'bury' | 'forget'>
  readonly self: () => Incarnation
  /** By the kind of the item. What this program has no effect for is left to those that have. */
  readonly effects: Readonly<Record<string, Effect>>
}

export interface OutboxSettings {
  /** Items carried out at a time, of as many lanes. */
  readonly underWayMax: number
  readonly pollMs: number
  /** How long an item is this node's, from taking it to writing down what became of it. */
  readonly leaseMs: number
  /** An effect without an answer for so long has failed; well within the lease. */
  readonly effectMsMax: number
  /** For how long the id of what was settled is remembered. */
  readonly rememberMs: number
  readonly retry: RetryLimits
}

export const OUTBOX_DEFAULTS: OutboxSettings = {
  underWayMax: 8,
  pollMs: 1000,
  leaseMs: 45_000,
  effectMsMax: 30_000,
  rememberMs: 30 * 86_400_000,
  retry: RETRY_LIMITS,
}

const WRITE_RETRY_MS = 500
const STOP_PATIENCE_MS = 5000
const FORGET_EVERY_MS = 3_600_000
const FORGET_AT_ONCE = 1000
const REASON_LENGTH_MAX = 500

/**
 * Carries out what was committed to the outbox: in the order of each lane, at least once, under an id that stays the
 * same. Every node that has joined runs one; which of them takes an item is for the store's leases to say, and when one
 * dies another takes its items.
 */
export class OutboxDriver {
  readonly #ports: OutboxPorts
  readonly #settings: OutboxSettings
  readonly #underWay = new Set<Promise<void>>()
  #looking = false
  #lookAgain = false
  #stopped = false
  #abandoned = false
  #cancel: Cancel = () => {}
  #forgottenAtMs = Number.NEGATIVE_INFINITY

  constructor(ports: OutboxPorts, settings: OutboxSettings = OUTBOX_DEFAULTS) {
    this.#ports = ports
    this.#settings = settings
  }

  start(): void {
    this.poke()
  }

  /** Something was just committed here: it need not wait for the next look. */
  poke(): void {
    if (this.#stopped) return
    if (this.#looking) this.#lookAgain = true
    else void this.#look()
  }

  /** Takes nothing more, and resolves when nothing is under way, or late: what is left is another node's after its lease. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    let cancel: Cancel = () => {}
    const late = new Promise<void>((resolve) => {
      cancel = this.#ports.clock.after(STOP_PATIENCE_MS, resolve)
    })
    await Promise.race([Promise.all(this.#underWay), late])
    cancel()
    this.#abandoned = true
  }

  async #look(): Promise<void> {
    this.#looking = true
    this.#cancel()
    do {
      this.#lookAgain = false
      await this.#takeWhatIsDue()
    } while (this.#lookAgain && !this.#stopped)
    this.#looking = false
    if (!this.#stopped) this.#cancel = this.#ports.clock.after(this.#settings.pollMs, () => this.poke())
  }

  async #takeWhatIsDue(): Promise<void> {
    const { store, self, effects, clock, log } = this.#ports
    const { underWayMax, leaseMs } = this.#settings
    const limit = underWayMax - this.#underWay.size
    if (limit <= 0) return
    const takenAtMs = clock.monotonicMs()
    try {
      const taken = await store.take({ by: self(), kinds: Object.keys(effects), limit, leaseMs })
      for (const item of taken) this.#begin(item, takenAtMs + leaseMs)
      await this.#forget()
    } catch (error) {
      log.debug('The outbox could not be looked into; it is tried again.', { error })
    }
  }

  #begin(item: TakenItem, untilMs: number): void {
    const work = this.#carryOut(item, untilMs).finally(() => {
      this.#underWay.delete(work)
      // What is behind it in its lane may go now.
      this.poke()
    })
    this.#underWay.add(work)
  }

  async #carryOut(item: TakenItem, untilMs: number): Promise<void> {
    const { retry } = this.#settings
    const early = beforeAttempt(item.attempt, retry)
    const verdict = early ?? afterAttempt(await this.#attempt(item), item.attempt, this.#ports.random.fraction(), retry)
    this.#tell(item, verdict)
    await this.#write(item, verdict, untilMs)
  }

  async #attempt(item: TakenItem): Promise<EffectOutcome> {
    const { clock, effects } = this.#ports
    const { effectMsMax } = this.#settings
    let cancel: Cancel = () => {}
    const late = new Promise<EffectOutcome>((resolve) => {
      cancel = clock.after(effectMsMax, () =>
        resolve({ kind: 'later', reason: `no answer within ${effectMsMax / 1000} s` }),
      )
    })
    try {
      const done = effects[item.kind]?.(item) ?? Promise.resolve({ kind: 'later', reason: 'no such effect' } as const)
      return await Promise.race([done, late])
    } catch (error) {
      return { kind: 'later', reason: error instanceof Error ? error.message : String(error) }
    } finally {
      cancel()
    }
  }

  /** While the lease lasts, an absence of the store is waited out: what was done should not be done again. */
  async #write(item: TakenItem, verdict: EffectVerdict, untilMs: number): Promise<void> {
    const { clock, log } = this.#ports
    for (;;)
      try {
        if (!(await this.#writeOnce(item, verdict)))
          log.info('An item of the outbox was taken by another node meanwhile, which decides on it.', { id: item.id })
        return
      } catch (error) {
        if (this.#abandoned || clock.monotonicMs() + WRITE_RETRY_MS >= untilMs) {
          log.warn('What became of an item of the outbox could not be written down; it will be done again.', {
            id: item.id,
            error,
          })
          return
        }
        await pause(clock, WRITE_RETRY_MS)
      }
  }

  #writeOnce(item: TakenItem, verdict: EffectVerdict): Promise<boolean> {
    const { store } = this.#ports
    switch (verdict.kind) {
      case 'settle':
        return store.settle(item)
      case 'postpone':
        return store.postpone(item, verdict.delayMs, cut(verdict.reason))
      case 'bury':
        return store.bury(item, cut(verdict.reason))
    }
  }

  #tell(item: TakenItem, verdict: EffectVerdict): void {
    const { metrics, log } = this.#ports
    const { id, kind, attempt } = item
    if (verdict.kind === 'settle') return metrics.count('outbox_delivered')
    const reason = cut(verdict.reason)
    if (verdict.kind === 'postpone') {
      metrics.count('outbox_retries')
      log.warn('An item of the outbox could not be carried out; it is tried again.', { id, kind, attempt, reason })
      return
    }
    metrics.count('outbox_dead_letters')
    log.decision('dead-letter', `The ${kind} item ${id} of the outbox is not tried any more: ${reason}`)
  }

  async #forget(): Promise<void> {
    const nowMs = this.#ports.clock.monotonicMs()
    if (nowMs - this.#forgottenAtMs < FORGET_EVERY_MS) return
    const forgotten = await this.#ports.store.forget(this.#settings.rememberMs, FORGET_AT_ONCE)
    if (forgotten < FORGET_AT_ONCE) this.#forgottenAtMs = nowMs
  }
}

const cut = (reason: string) => reason.slice(0, REASON_LENGTH_MAX).toWellFormed().replaceAll('\u0000', '')
