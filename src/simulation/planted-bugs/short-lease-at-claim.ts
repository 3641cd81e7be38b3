import type { PlantedBug } from './planted-bug.ts'
import { takenWhere } from './taken-where.ts'

const SHORT_MS = 150

/** Claims go by a shorter lease than owners do: who beats a little late serves on beside its successor. */
export const shortLeaseAtClaim: PlantedBug = {
  name: 'short-lease-at-claim',
  sentence: 'A claim takes an owner for silent long before its lease is over.',
  wrapStore: (store, world) =>
    takenWhere(store, world, ({ incarnation }) => world.ledger.beatAgeMs(incarnation) > SHORT_MS),
}
