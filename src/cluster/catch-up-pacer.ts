import type { Cancel, Clock } from '../base/clock.ts'

// Each may bring a page of events, and it shows in the queue only two or three ticks later: some megabytes at most.
const STARTS_PER_TICK = 16
const CONGESTED_MS = 5

/**
 * Spaces what brings many events at once to one peer: attachments and reads. When an edge fails, another one asks for
 * thousands of conversations in one breath; all answers at once would look like a peer that takes nothing, and it
 * would be cut off, and ask for all of it again. Live events and answers to submissions are never held back.
 */
export class CatchUpPacer {
  readonly #clock: Clock
  readonly #congested: () => boolean
  readonly #waiting = new Map<string, () => void>()
  #startsLeft = STARTS_PER_TICK
  #tick: Cancel | undefined

  constructor(options: { clock: Clock; congested: () => boolean }) {
    this.#clock = options.clock
    this.#congested = options.congested
  }

  /** Calls `start` now or when there is room, in order. The same name again replaces what waits under it, in its place. */
  admit(name: string, start: () => void): void {
    this.#waiting.set(name, start)
    this.#startSome()
  }

  /** It is not wanted any more. */
  cancel(name: string): void {
    this.#waiting.delete(name)
  }

  close(): void {
    this.#waiting.clear()
    this.#tick?.()
  }

  #startSome(): void {
    for (const [name, start] of this.#waiting) {
      if (this.#startsLeft === 0 || this.#congested()) break
      this.#startsLeft -= 1
      this.#waiting.delete(name)
      start()
    }
    if (this.#waiting.size === 0 && this.#startsLeft === STARTS_PER_TICK) return
    this.#tick ??= this.#clock.after(this.#congested() ? CONGESTED_MS : 0, () => {
      this.#tick = undefined
      this.#startsLeft = STARTS_PER_TICK
      this.#startSome()
    })
  }
}
