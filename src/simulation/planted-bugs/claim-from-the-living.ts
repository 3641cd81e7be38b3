import type { Owner } from '../../base/ids.ts'
import type { PlantedBug } from './planted-bug.ts'
import { takenWhere } from './taken-where.ts'

const OFTEN = 0.05

/** Whoever is asked for a conversation takes it, now and then, though its owner lives and knows nothing of it. */
export const claimFromTheLiving: PlantedBug = {
  name: 'claim-from-the-living',
  sentence: 'A claim does not ask whether the owner lives.',
  wrapStore(store, world) {
    const random = world.random.fork('claim-from-the-living')
    return takenWhere(store, world, (_: Owner) => random.chance(OFTEN))
  },
}
