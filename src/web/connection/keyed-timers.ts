import type { Cancel, Clock } from '../../base/clock.ts'

interface Pending {
  readonly dueMs: number
  readonly cancel: Cancel
}

/** Timers by name, at most one for each. */
export class KeyedTimers {
  readonly #clock: Clock
  readonly #pending = new Map<string, Pending>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  has(name: string): boolean {
    return this.#pending.has(name)
  }

  /** Of two timers of one name the later one stays: who was asked twice to wait waits for both. */
  set(name: string, delayMs: number, then: () => void): void {
    const dueMs = this.#clock.monotonicMs() + delayMs
    const pending = this.#pending.get(name)
    if (pending && pending.dueMs >= dueMs) return
    pending?.cancel()
    const cancel = this.#clock.after(delayMs, () => {
      this.#pending.delete(name)
      then()
    })
    this.#pending.set(name, { dueMs, cancel })
  }

  clear(): void {
    for (const { cancel } of this.#pending.values()) cancel()
    this.#pending.clear()
  }
}
