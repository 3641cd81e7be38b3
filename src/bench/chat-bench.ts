import { pause } from '../base/clock.ts'
import type { ConnectionPorts } from '../web/connection/ports.ts'
import type { Seat } from './load-generator.ts'
import type { FamilyUsage } from './process-usage-node.ts'
import { RawGenerator, type RawPhase, type Room } from './raw-generator.ts'
import { type Summary, summaryOf } from './statistics.ts'

/** A system that a benchmark can talk to and look into. */
export interface SystemUnderLoad {
  readonly addresses: readonly string[]
  rooms(count: number, agents: number): Promise<readonly Room[]>
  /** Somebody who may look at every room. */
  onlooker(): Promise<Seat>
  /** `undefined` where the machine does not tell. */
  usage(): FamilyUsage | undefined
  /** Memory of the processes that keep client sockets. */
  socketKeepersBytes(): number | undefined
  ownCpuMs(): number
}

export interface ChatPlan {
  readonly rooms: number
  readonly agents: number
  readonly textLength: number
  /** Of the phase at a fixed rate, messages per second in all. */
  readonly perSecond: number
  readonly phaseMs: number
  readonly idleConnections: number
}

export interface PhaseFigures {
  readonly acknowledgedPerSecond: number
  readonly deliveredPerSecond: number
  readonly ackMs?: Summary
  readonly deliveryMs?: Summary
  /** CPU of all server processes, the database, and the generator, for 1,000 deliveries. */
  readonly serverCpuMsPer1000?: number
  readonly databaseCpuMsPer1000?: number
  readonly generatorCpuMsPer1000: number
  readonly refused: number
  readonly complete: boolean
}

export interface ChatFigures {
  readonly plan: ChatPlan
  readonly fixedRate: PhaseFigures
  readonly asFastAsItGoes: PhaseFigures
  readonly bytesPerIdleConnection?: number
  readonly socketsClosed: number
}

const WARM_UP_MS = 2000
const REST_MS = 2000

/** Adds idle connections, talks at a fixed rate, then as fast as it goes; measures all of it from outside. */
export async function chatBench(
  system: SystemUnderLoad,
  plan: ChatPlan,
  ports: ConnectionPorts,
  onProgress: (done: number, total: number, note: string) => void,
): Promise<ChatFigures> {
  const rooms = await system.rooms(plan.rooms, plan.agents)
  const { addresses } = system
  const generator = new RawGenerator({ ports, addresses, rooms, textLength: plan.textLength })
  try {
    await generator.begin()
    onProgress(1, 5, `${plan.idleConnections} idle connections`)
    const bytesPerIdleConnection = await idleMemory(system, plan, ports, generator)
    onProgress(2, 5, 'warming up')
    await generator.openLoop(plan.perSecond, WARM_UP_MS)
    onProgress(3, 5, `${plan.perSecond} messages/s`)
    const fixedRate = await measured(system, () => generator.openLoop(plan.perSecond, plan.phaseMs))
    onProgress(4, 5, 'as fast as it goes')
    const asFastAsItGoes = await measured(system, () => generator.closedLoop(plan.phaseMs))
    onProgress(5, 5, 'done')
    return {
      plan,
      fixedRate: fixedRate.figures,
      asFastAsItGoes: asFastAsItGoes.figures,
      socketsClosed: fixedRate.socketsClosed + asFastAsItGoes.socketsClosed,
      ...(bytesPerIdleConnection !== undefined && { bytesPerIdleConnection }),
    }
  } finally {
    generator.stop()
  }
}

/** Before anybody talks: later the servers' heaps have room that would hide what a connection takes. */
async function idleMemory(
  system: SystemUnderLoad,
  { idleConnections }: ChatPlan,
  { clock }: ConnectionPorts,
  generator: RawGenerator,
): Promise<number | undefined> {
  await pause(clock, REST_MS)
  const before = system.socketKeepersBytes()
  await generator.addIdle(idleConnections, await system.onlooker())
  await pause(clock, REST_MS)
  const after = system.socketKeepersBytes()
  generator.dropIdle()
  return before === undefined || after === undefined ? undefined : (after - before) / idleConnections
}

async function measured(
  system: SystemUnderLoad,
  talk: () => Promise<RawPhase>,
): Promise<{ figures: PhaseFigures; socketsClosed: number }> {
  const before = system.usage()
  const ownBefore = system.ownCpuMs()
  const { tally, ms, complete } = await talk()
  const after = system.usage()
  const deliveries = tally.deliveryMs.length
  const per1000 = (cpuMs: number) => (cpuMs * 1000) / Math.max(1, deliveries)
  const ackMs = summaryOf(tally.ackMs)
  const deliveryMs = summaryOf(tally.deliveryMs)
  const figures = {
    acknowledgedPerSecond: (tally.ackMs.length * 1000) / ms,
    deliveredPerSecond: (deliveries * 1000) / ms,
    ...(ackMs && { ackMs }),
    ...(deliveryMs && { deliveryMs }),
    ...(before &&
      after && {
        serverCpuMsPer1000: per1000(after.servers.cpuMs - before.servers.cpuMs),
        databaseCpuMsPer1000: per1000(after.database.cpuMs - before.database.cpuMs),
      }),
    generatorCpuMsPer1000: per1000(system.ownCpuMs() - ownBefore),
    refused: tally.refused,
    complete,
  }
  return { figures, socketsClosed: tally.socketsClosed }
}
