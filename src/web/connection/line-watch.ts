import type { Cancel, Clock } from '../../base/clock.ts'
import { judgeSilence, patienceMs } from './silence-decision.ts'

/** What a watch asks, and what it tells. */
interface Watched {
  /** A command was sent and has no answer. */
  waiting(): boolean
  ask(): void
  doubt(): void
  dead(): void
}

/** Watches one line that serves, until it is dead or stopped. */
export class LineWatch {
  readonly #clock: Clock
  readonly #heartbeatMs: number
  readonly #watched: Watched
  #heardMs: number
  #askedMs: number | undefined
  #urgent = false
  #dueMs = 0
  #cancel: Cancel = () => {}

  constructor(clock: Clock, heartbeatMs: number, watched: Watched) {
    this.#clock = clock
    this.#heartbeatMs = heartbeatMs
    this.#watched = watched
    this.#heardMs = clock.monotonicMs()
    this.#lookIn(heartbeatMs)
  }

  /** The line said something. As a rule no timer is touched: it looks again when it would have anyway. */
  heard(): void {
    this.#heardMs = this.#clock.monotonicMs()
    this.#urgent = false
    if (this.#askedMs === undefined) return
    this.#askedMs = undefined
    if (this.#watched.waiting()) this.hurry()
  }

  /** Somebody waits from now on. */
  hurry(): void {
    const soonMs = patienceMs(this.#heartbeatMs)
    if (this.#dueMs - this.#clock.monotonicMs() > soonMs) this.#lookIn(soonMs)
  }

  /** The world may have changed meanwhile: it must prove that it lives as if somebody waited. */
  wake(): void {
    this.#urgent = true
    this.#lookIn(0)
  }

  stop(): void {
    this.#cancel()
  }

  #lookIn(delayMs: number): void {
    this.#cancel()
    this.#dueMs = this.#clock.monotonicMs() + delayMs
    // Whole milliseconds: a rest that is lost in rounding would be over before time went on, again and again.
    this.#cancel = this.#clock.after(Math.ceil(delayMs), () => this.#look())
  }

  #look(): void {
    const now = this.#clock.monotonicMs()
    const { verdict, againMs } = judgeSilence({
      silentMs: now - this.#heardMs,
      ...(this.#askedMs !== undefined && { askedForMs: now - this.#askedMs }),
      heartbeatMs: this.#heartbeatMs,
      waiting: this.#urgent || this.#watched.waiting(),
    })
    if (verdict === 'dead') return this.#watched.dead()
    this.#lookIn(againMs)
    if (verdict === 'ask') this.#askedMs = now
    if (verdict !== 'fine') this.#watched[verdict]()
  }
}
