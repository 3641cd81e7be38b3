import type { Cancel, Clock } from '../base/clock.ts'

interface Entry {
  readonly atMs: number
  readonly order: number
  run: (() => void) | undefined
}

/** Simulated time and what is to happen in it, ordered by (time, insertion). A binary heap. */
export class Timeline {
  #nowMs = 0
  #order = 0
  #heap: Entry[] = []

  now(): number {
    return this.#nowMs
  }

  /** Runs `run` once at `atMs`, or at once if that is past. */
  at(atMs: number, run: () => void): Cancel {
    const entry: Entry = { atMs: Math.max(atMs, this.#nowMs), order: this.#order++, run }
    this.#heap.push(entry)
    this.#rise(this.#heap.length - 1)
    return () => {
      entry.run = undefined
    }
  }

  /** Advances to the next entry that is due until `untilMs` and runs it; `false` when there is none. */
  step(untilMs: number): boolean {
    for (let first = this.#heap[0]; first && first.atMs <= untilMs; first = this.#heap[0]) {
      this.#takeFirst()
      const { run } = first
      if (!run) continue
      this.#nowMs = first.atMs
      run()
      return true
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs)
    return false
  }

  #takeFirst(): void {
    const last = this.#heap.pop()
    if (!last || this.#heap.length === 0) return
    this.#heap[0] = last
    this.#sink(0)
  }

  #rise(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1
      if (!this.#swapIfBefore(at, parent)) return
      at = parent
    }
  }

  #sink(from: number): void {
    for (let at = from; ; ) {
      const left = 2 * at + 1
      const first = this.#isBefore(left + 1, left) ? left + 1 : left
      if (!this.#swapIfBefore(first, at)) return
      at = first
    }
  }

  #isBefore(a: number, b: number): boolean {
    const x = this.#heap[a]
    const y = this.#heap[b]
    if (!x || !y) return false
    return x.atMs < y.atMs || (x.atMs === y.atMs && x.order < y.order)
  }

  #swapIfBefore(child: number, parent: number): boolean {
    const x = this.#heap[child]
    const y = this.#heap[parent]
    if (!x || !y || !this.#isBefore(child, parent)) return false
    this.#heap[child] = y
    this.#heap[parent] = x
    return true
  }
}

/** 1970 of the simulation: the store's clock at simulated time 0. */
export const EPOCH_MS = 1_700_000_000_000

/** What makes one machine's clocks differ from another's. */
export interface MachineTime {
  /** Simulated to own milliseconds. */
  readonly rate: number
  /** The monotonic clock began so much earlier. */
  readonly aheadMs: number
  /** The wall clock is so much off. */
  readonly wallOffMs: number
}

export const EXACT_TIME: MachineTime = { rate: 1, aheadMs: 0, wallOffMs: 0 }

/** The clock of one machine. */
export function machineClock(
  timeline: Timeline,
  { rate, aheadMs, wallOffMs }: MachineTime,
  after: (delayMs: number, callback: () => void) => Cancel,
): Clock {
  return {
    monotonicMs: () => aheadMs + timeline.now() * rate,
    wallMs: () => EPOCH_MS + wallOffMs + timeline.now(),
    after: (delayMs, callback) => after(Math.max(0, delayMs) / rate, callback),
  }
}
