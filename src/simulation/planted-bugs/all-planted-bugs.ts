import { assert } from '../../base/assertion.ts'
import { ackBeforeDurable } from './ack-before-durable.ts'
import { canary } from './canary.ts'
import { cursorOffByOne } from './cursor-off-by-one.ts'
import { noFence } from './no-fence.ts'
import { oneStatementClaim } from './one-statement-claim.ts'
import type { PlantedBug } from './planted-bug.ts'
import { zombiePublishes } from './zombie-publishes.ts'

/** What must be found, each by itself. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  noFence,
  ackBeforeDurable,
  cursorOffByOne,
  oneStatementClaim,
  zombiePublishes,
]

/** A planted bug by its name, the canary included. */
export function plantedBug(name: string): PlantedBug {
  const found = [...PLANTED_BUGS, canary].find((bug) => bug.name === name)
  assert(found, `there is no planted bug called ${name}`)
  return found
}
