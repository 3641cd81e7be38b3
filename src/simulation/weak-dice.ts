import type { ParticipantId } from '../base/ids.ts'
import type { Random } from '../base/random.ts'
import type { SeededDice } from '../chaos/seeded-dice.ts'

const SAME_THROW_SHARE = 0.1

/**
 * Browsers whose dice throw the same ids as somebody else's: keys are unique for one sender and nobody else. Nobody
 * throws an id a second time.
 */
export class WeakDice {
  readonly #again = new Set<string>()
  readonly #thrown: { readonly id: string; readonly by: Set<ParticipantId> }[] = []

  threwAgain(id: string | undefined): boolean {
    return id !== undefined && this.#again.has(id)
  }

  of(participant: ParticipantId, random: SeededDice): Random {
    return {
      fraction: () => random.fraction(),
      id: () => {
        const foreign = random.chance(SAME_THROW_SHARE) ? this.#thrown.filter(({ by }) => !by.has(participant)) : []
        const same = random.pick(foreign)
        if (same) {
          same.by.add(participant)
          this.#again.add(same.id)
          return same.id
        }
        const id = random.id()
        this.#thrown.push({ id, by: new Set([participant]) })
        return id
      },
    }
  }
}
