import type { PlantedBug } from './planted-bug.ts'
import { takenWhere } from './taken-where.ts'

/** Whoever is asked for a conversation takes it, though its owner lives and knows nothing of it. */
export const claimFromTheLiving: PlantedBug = {
  name: 'claim-from-the-living',
  sentence: 'A claim does not ask whether the owner lives.',
  wrapStore: (store, world) => takenWhere(store, world, () => true),
}
