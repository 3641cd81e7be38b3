import { ackBeforeDurable } from './ack-before-durable.ts'
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
