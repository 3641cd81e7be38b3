import type { Checker } from '../observation.ts'
import { acknowledgedStays } from './acknowledged-stays.ts'
import { contiguousDelivery } from './contiguous-delivery.ts'
import { deliveredToTheAllowed } from './delivered-to-the-allowed.ts'
import { epochsRise } from './epochs-rise.ts'
import { everythingOwned } from './everything-owned.ts'
import { expiredIsMute } from './expired-is-mute.ts'
import { logIsDense } from './log-is-dense.ts'
import { oneWriter } from './one-writer.ts'
import { outboxInOrder } from './outbox-in-order.ts'
import { queuesBounded } from './queues-bounded.ts'
import { refusedStaysOut } from './refused-stays-out.ts'
import { retryGetsFirstSeq } from './retry-gets-first-seq.ts'
import { secondOpinion } from './second-opinion.ts'
import { senderOrder } from './sender-order.ts'
import { timersFireOnce } from './timers-fire-once.ts'

/** Every checker, fresh: one set per run. */
export function allCheckers(): readonly Checker[] {
  return [
    acknowledgedStays(),
    refusedStaysOut(),
    retryGetsFirstSeq(),
    logIsDense(),
    senderOrder(),
    contiguousDelivery(),
    oneWriter(),
    epochsRise(),
    expiredIsMute(),
    everythingOwned(),
    timersFireOnce(),
    deliveredToTheAllowed(),
    queuesBounded(),
    outboxInOrder(),
    secondOpinion(),
  ]
}
