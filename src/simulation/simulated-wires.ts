import type { SeededDice } from '../chaos/seeded-dice.ts'
import type { Timeline } from './simulated-clock.ts'

/** How long things take between two hosts. */
export interface WireSpeed {
  readonly leastMs: number
  readonly jitterMs: number
  /** Share of the sendings that are lost once and sent again by the kernel, and how late they then come. */
  readonly lossShare: number
  readonly resendMs: number
}

export const GOOD_WIRES: WireSpeed = { leastMs: 0.3, jitterMs: 1.5, lossShare: 0.002, resendMs: 40 }

/**
 * The wires between all hosts: how long something takes, and which directions are cut. A cut loses nothing for ever,
 * as TCP sends again; what outlasts a cut arrives after it, in order. Cuts are counted, so that overlapping partitions
 * end one by one.
 */
export class SimulatedWires {
  readonly #timeline: Timeline
  readonly #random: SeededDice
  readonly #cuts = new Map<string, number>()
  readonly #mended = new Set<() => void>()
  speed: WireSpeed = GOOD_WIRES

  constructor(timeline: Timeline, random: SeededDice) {
    this.#timeline = timeline
    this.#random = random
  }

  isCut(from: string, to: string): boolean {
    return (this.#cuts.get(`${from}>${to}`) ?? 0) > 0
  }

  /** Cuts every direction from one of `from` to one of `to`, until the returned function is called. */
  cut(from: readonly string[], to: readonly string[]): () => void {
    const pairs = from.flatMap((a) => to.filter((b) => a !== b).map((b) => `${a}>${b}`))
    for (const pair of pairs) this.#cuts.set(pair, (this.#cuts.get(pair) ?? 0) + 1)
    let mended = false
    return () => {
      if (mended) return
      mended = true
      for (const pair of pairs) this.#cuts.set(pair, (this.#cuts.get(pair) ?? 0) - 1)
      for (const listener of [...this.#mended]) listener()
    }
  }

  /** `listener` is called whenever some cut ended. */
  onMended(listener: () => void): () => void {
    this.#mended.add(listener)
    return () => this.#mended.delete(listener)
  }

  /** When something sent now arrives, were the wire not cut. */
  arrivalMs(): number {
    const { leastMs, jitterMs, lossShare, resendMs } = this.speed
    const resent = this.#random.chance(lossShare) ? resendMs * (1 + this.#random.fraction()) : 0
    return this.#timeline.now() + leastMs + jitterMs * this.#random.fraction() + resent
  }
}
