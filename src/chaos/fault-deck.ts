import type { Fault } from './fault.ts'
import type { SeededDice } from './seeded-dice.ts'

/**
 * Faults in an order that the dice draw: a deck with as many cards of each as it weighs, shuffled again whenever it is
 * used up. So a long campaign has every fault as often as its weight says, and not only about so often.
 */
export class FaultDeck {
  readonly #faults: readonly Fault[]
  readonly #dice: SeededDice
  #cards: Fault[] = []

  constructor(faults: readonly Fault[], dice: SeededDice) {
    this.#faults = faults
    this.#dice = dice
  }

  /** `undefined` where there is no fault at all. */
  draw(): Fault | undefined {
    if (this.#cards.length === 0) this.#cards = this.#shuffled()
    return this.#cards.pop()
  }

  /** Fisher and Yates. */
  #shuffled(): Fault[] {
    const cards = this.#faults.flatMap((fault) => Array.from({ length: fault.weight }, () => fault))
    for (let index = cards.length - 1; index > 0; index--) {
      const other = Math.floor(this.#dice.between(0, index + 1))
      const [card, otherCard] = [cards[index], cards[other]]
      if (card && otherCard) [cards[index], cards[other]] = [otherCard, card]
    }
    return cards
  }
}
