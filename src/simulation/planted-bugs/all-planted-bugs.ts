import { assert } from '../../base/assertion.ts'
import { ackBeforeDurable } from './ack-before-durable.ts'
import { audienceIgnored } from './audience-ignored.ts'
import { canary } from './canary.ts'
import { claimFromTheLiving } from './claim-from-the-living.ts'
import { clockJumpIgnored } from './clock-jump-ignored.ts'
import { crossedSubscribers } from './crossed-subscribers.ts'
import { cursorOffByOne } from './cursor-off-by-one.ts'
import { deadNotListed } from './dead-not-listed.ts'
import { effectBeforeCommit } from './effect-before-commit.ts'
import { epochNotRaised } from './epoch-not-raised.ts'
import { floorIgnored } from './floor-ignored.ts'
import { hiddenEventsLeftOut } from './hidden-events-left-out.ts'
import { keyWithoutParticipant } from './key-without-participant.ts'
import { keysPerOwner } from './keys-per-owner.ts'
import { lostReplyIsRefusal } from './lost-reply-is-refusal.ts'
import { lostReplyIsSuccess } from './lost-reply-is-success.ts'
import { lostWakeTimer } from './lost-wake-timer.ts'
import { noFence } from './no-fence.ts'
import { oneStatementClaim } from './one-statement-claim.ts'
import { outboxLostOnReload } from './outbox-lost-on-reload.ts'
import { outboxNeverSaved } from './outbox-never-saved.ts'
import type { PlantedBug } from './planted-bug.ts'
import { reorderedBatch } from './reordered-batch.ts'
import { retryAtHead } from './retry-at-head.ts'
import { retryBehindOthers } from './retry-behind-others.ts'
import { settledBeforeDone } from './settled-before-done.ts'
import { tailBehindSnapshot } from './tail-behind-snapshot.ts'
import { tornSlice } from './torn-slice.ts'
import { unnumberedCommands } from './unnumbered-commands.ts'
import { zombiePublishes } from './zombie-publishes.ts'

/** What must be found, each by itself. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  ackBeforeDurable,
  audienceIgnored,
  claimFromTheLiving,
  clockJumpIgnored,
  crossedSubscribers,
  cursorOffByOne,
  deadNotListed,
  effectBeforeCommit,
  epochNotRaised,
  floorIgnored,
  hiddenEventsLeftOut,
  keyWithoutParticipant,
  keysPerOwner,
  lostReplyIsRefusal,
  lostReplyIsSuccess,
  lostWakeTimer,
  noFence,
  oneStatementClaim,
  outboxLostOnReload,
  outboxNeverSaved,
  reorderedBatch,
  retryAtHead,
  retryBehindOthers,
  settledBeforeDone,
  tailBehindSnapshot,
  tornSlice,
  unnumberedCommands,
  zombiePublishes,
]

/** A planted bug by its name, the canary included. */
export function plantedBug(name: string): PlantedBug {
  const found = [...PLANTED_BUGS, canary].find((bug) => bug.name === name)
  assert(found, `there is no planted bug called ${name}`)
  return found
}
