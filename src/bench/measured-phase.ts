import type { ChatSystem } from './chat-system.ts'
import { ownCpuMs } from './process-usage-node.ts'
import type { RawPhase } from './raw-generator.ts'
import { type Summary, summaryOf } from './statistics.ts'

/** What a time of talking cost and gave. */
export interface PhaseFigures {
  /** What came after the measured time is in no rate; in all other figures it is. */
  readonly acknowledgedPerSecond: number
  readonly deliveredPerSecond: number
  readonly ackMs?: Summary
  readonly deliveryMs?: Summary
  /** CPU of all server processes, the database, and the generator, for 1,000 deliveries. */
  readonly serverCpuMsPer1000?: number
  readonly databaseCpuMsPer1000?: number
  readonly generatorCpuMsPer1000: number
  readonly refused: number
  readonly socketsClosed: number
  readonly complete: boolean
}

/** Lets clients talk, and measures all of it from outside. */
export async function measuredPhase(
  system: Pick<ChatSystem, 'usage'>,
  talk: () => Promise<RawPhase>,
): Promise<PhaseFigures> {
  const before = system.usage()
  const ownBefore = ownCpuMs()
  const { tally, ms, acknowledgedInTime, deliveredInTime, complete } = await talk()
  const after = system.usage()
  const deliveries = tally.deliveryMs.length
  const per1000 = (cpuMs: number) => (cpuMs * 1000) / Math.max(1, deliveries)
  const ackMs = summaryOf(tally.ackMs)
  const deliveryMs = summaryOf(tally.deliveryMs)
  return {
    acknowledgedPerSecond: (acknowledgedInTime * 1000) / ms,
    deliveredPerSecond: (deliveredInTime * 1000) / ms,
    ...(ackMs && { ackMs }),
    ...(deliveryMs && { deliveryMs }),
    ...(before &&
      after && {
        serverCpuMsPer1000: per1000(after.servers.cpuMs - before.servers.cpuMs),
        databaseCpuMsPer1000: per1000(after.database.cpuMs - before.database.cpuMs),
      }),
    generatorCpuMsPer1000: per1000(ownCpuMs() - ownBefore),
    refused: tally.refused,
    socketsClosed: tally.socketsClosed,
    complete,
  }
}
