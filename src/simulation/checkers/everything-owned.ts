import type { Checker } from '../observation.ts'

/** OW4: once the core is healed, every awake conversation has exactly one owner among the living. */
export function everythingOwned(): Checker {
  return {
    rule: 'OW4',
    see(observation) {
      if (observation.kind !== 'settled' || observation.resting || observation.ownedBy.length === 1) return undefined
      const owners = observation.ownedBy.length === 0 ? 'no living owner' : `owners ${observation.ownedBy.join(', ')}`
      return `${observation.conversation} is awake and has ${owners}.`
    },
  }
}
