import { idFromBits } from '../base/ids.ts'
import type { Random } from '../base/random.ts'

/**
 * Dice that fall alike for the same seed on every machine (sfc32, Chris Doty-Humphrey, PractRand), so that a campaign or a
 * simulation can be named by it. `fork` gives each part its own dice by name: one more throw in one part does not change
 * what another part throws. Not for secrets.
 */
export class SeededDice implements Random {
  readonly #seed: number
  readonly #name: string
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(seed: number, name = '') {
    this.#seed = seed
    this.#name = name
    this.#a = seed | 0
    this.#b = (seed / 0x1_0000_0000) | 0
    this.#c = nameHash(name)
    for (let i = 0; i < 15; i++) this.#bits32()
  }

  fork(name: string): SeededDice {
    return new SeededDice(this.#seed, `${this.#name}/${name}`)
  }

  fraction(): number {
    return this.#bits32() / 0x1_0000_0000
  }

  id(): string {
    const high = BigInt(this.#bits32() >>> 1)
    return idFromBits((high << 32n) | BigInt(this.#bits32()))
  }

  /** Uniform in [min, max). */
  between(min: number, max: number): number {
    return min + this.fraction() * (max - min)
  }

  /** True in `share` of the throws. */
  chance(share: number): boolean {
    return this.fraction() < share
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1))
  }

  /** A number from `low` up to `high`, small ones more often: as many between 1 and 2 as between 2 and 4. */
  spread(low: number, high: number): number {
    return low * (high / low) ** this.fraction()
  }

  /** One of several; `undefined` of none. */
  pick<Item>(items: readonly Item[]): Item | undefined {
    return items[Math.floor(this.fraction() * items.length)]
  }

  /** One of several, each as likely as it weighs; `undefined` where nothing weighs anything. */
  pickByWeight<Item>(items: readonly Item[], weightOf: (item: Item) => number): Item | undefined {
    let rest = this.fraction() * items.reduce((sum, item) => sum + weightOf(item), 0)
    return items.find((item) => {
      rest -= weightOf(item)
      return rest < 0
    })
  }

  #bits32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum
    this.#c |= 0
    return sum >>> 0
  }
}

// 32-bit FNV-1a.
function nameHash(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash
}
