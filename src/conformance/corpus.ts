import { at, type Dice } from './mutation.ts'

// As many as there are places to reach, and far more than there are in any decoder.
const INPUTS_MAX = 5000

/** Inputs that reached something new, in the order in which they came. */
export class Corpus {
  readonly #inputs: Uint8Array[] = []

  add(input: Uint8Array): void {
    if (this.#inputs.length < INPUTS_MAX) this.#inputs.push(input)
  }

  get size(): number {
    return this.#inputs.length
  }

  /** One of them; the youngest half is drawn more often, as what lies behind it was not looked at yet. */
  draw(dice: Dice): Uint8Array {
    const { length } = this.#inputs
    const young = dice.fraction() < 0.5
    const index = young ? length - 1 - at(dice, Math.ceil(length / 2)) : at(dice, length)
    return this.#inputs[index] ?? new Uint8Array()
  }
}
