/** Dice that fall alike for the same seed, so that a campaign can be named by it. Not for secrets. */
export class SeededDice {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** Uniform in [0, 1). The generator is mulberry32. */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** Uniform in [min, max). */
  between(min: number, max: number): number {
    return min + this.fraction() * (max - min)
  }

  /** A length in [minMs, maxMs), short ones more often: as many between 1 and 2 s as between 2 and 4 s. */
  lengthMs(minMs: number, maxMs: number): number {
    return minMs * (maxMs / minMs) ** this.fraction()
  }

  /** One of several, each as likely as it weighs; `undefined` where nothing weighs anything. */
  pickByWeight<Value>(values: readonly Value[], weightOf: (value: Value) => number): Value | undefined {
    let rest = this.fraction() * values.reduce((sum, value) => sum + weightOf(value), 0)
    return values.find((value) => {
      rest -= weightOf(value)
      return rest < 0
    })
  }

  /** One of several, `undefined` of none. */
  pick<Value>(values: readonly Value[]): Value | undefined {
    return values[Math.floor(this.fraction() * values.length)]
  }
}
