import type { Cancel, Clock } from './clock.ts'

/** A clock that moves only when told to: for tests that drive time instead of waiting for it. */
export class ManualClock implements Clock {
  #nowMs = 0
  #made = 0
  readonly #timers = new Map<number, { readonly dueMs: number; readonly callback: () => void }>()

  monotonicMs(): number {
    return this.#nowMs
  }

  wallMs(): number {
    return 1_700_000_000_000 + this.#nowMs
  }

  after(delayMs: number, callback: () => void): Cancel {
    const id = ++this.#made
    this.#timers.set(id, { dueMs: this.#nowMs + Math.max(0, delayMs), callback })
    return () => {
      this.#timers.delete(id)
    }
  }

  /** Timers that have not fired: none may be left when what armed them has stopped. */
  get pending(): number {
    return this.#timers.size
  }

  /** Moves on by `ms`, firing what falls due in order and letting promises settle after each. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms
    await settle()
    for (;;) {
      const next = this.#nextDue(untilMs)
      if (!next) break
      this.#timers.delete(next.id)
      this.#nowMs = Math.max(this.#nowMs, next.dueMs)
      next.callback()
      await settle()
    }
    this.#nowMs = untilMs
    await settle()
  }

  #nextDue(untilMs: number): { id: number; dueMs: number; callback: () => void } | undefined {
    let next: { id: number; dueMs: number; callback: () => void } | undefined
    for (const [id, timer] of this.#timers)
      if (timer.dueMs <= untilMs && (!next || timer.dueMs < next.dueMs)) next = { id, ...timer }
    return next
  }
}

// Promise chains of a test are short; a hundred rounds let the longest of ours come to rest.
async function settle(): Promise<void> {
  for (let round = 0; round < 100; round++) await Promise.resolve()
}
