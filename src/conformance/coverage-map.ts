/** How often a place was passed, told coarsely: once more or less says nothing new, ten times as often does. */
function bucketOf(count: number): number {
  if (count < 4) return count
  return Math.min(10, 2 + Math.floor(Math.log2(count)))
}

/** What the inputs so far have reached of the code under test. `counters` are written by the instrumented code. */
export class CoverageMap {
  readonly #counters: Uint32Array
  /** A bit for each bucket that was reached, by place. */
  readonly #reached: Uint16Array

  constructor(counters: Uint32Array) {
    this.#counters = counters
    this.#reached = new Uint16Array(counters.length)
  }

  /** Whether the input just read reached anything new. The counters begin at 0 again. */
  take(): boolean {
    let fresh = false
    for (let place = 0; place < this.#counters.length; place++) {
      const count = this.#counters[place] ?? 0
      if (count === 0) continue
      const bit = 1 << bucketOf(count)
      const before = this.#reached[place] ?? 0
      if (before & bit) continue
      this.#reached[place] = before | bit
      fresh = true
    }
    this.#counters.fill(0)
    return fresh
  }

  /** Places that were passed, and all there are: statements, functions and branches. */
  get share(): { readonly reached: number; readonly places: number } {
    return { reached: this.#reached.reduce((sum, bits) => sum + (bits ? 1 : 0), 0), places: this.#reached.length }
  }
}
