import { pause } from '../base/clock.ts'
import type { ChatSystem } from './chat-system.ts'
import { measuredPhase, type PhaseFigures } from './measured-phase.ts'
import { RawGenerator } from './raw-generator.ts'

export interface ChatPlan {
  readonly rooms: number
  readonly agents: number
  readonly textLength: number
  /** Of the phase at a fixed rate, messages per second in all. */
  readonly perSecond: number
  readonly phaseMs: number
  readonly idleConnections: number
}

export interface ChatFigures {
  readonly plan: ChatPlan
  readonly fixedRate: PhaseFigures
  readonly asFastAsItGoes: PhaseFigures
  readonly bytesPerIdleConnection?: number
}

const WARM_UP_MS = 2000
const REST_MS = 2000

/** Adds idle connections, talks at a fixed rate, then as fast as it goes; measures all of it from outside. */
export async function chatBench(
  system: ChatSystem,
  plan: ChatPlan,
  onProgress: (done: number, total: number, note: string) => void,
): Promise<ChatFigures> {
  const rooms = await system.rooms(plan.rooms, plan.agents)
  const { ports, dialect, addresses } = system
  const generator = new RawGenerator({ ports, dialect, addresses, rooms, textLength: plan.textLength })
  try {
    await generator.begin()
    onProgress(1, 5, `${plan.idleConnections} idle connections`)
    const idleBytes = await bytesPerIdleConnection(system, plan.idleConnections, generator)
    onProgress(2, 5, 'warming up')
    await generator.openLoop(plan.perSecond, WARM_UP_MS)
    onProgress(3, 5, `${plan.perSecond} messages/s`)
    const fixedRate = await measuredPhase(system, () => generator.openLoop(plan.perSecond, plan.phaseMs))
    onProgress(4, 5, 'as fast as it goes')
    const asFastAsItGoes = await measuredPhase(system, () => generator.closedLoop(plan.phaseMs))
    onProgress(5, 5, 'done')
    return {
      plan,
      fixedRate,
      asFastAsItGoes,
      ...(idleBytes !== undefined && { bytesPerIdleConnection: idleBytes }),
    }
  } finally {
    generator.stop()
  }
}

/** Before anybody talks: later the servers' heaps have room that would hide what a connection takes. */
export async function bytesPerIdleConnection(
  system: ChatSystem,
  connections: number,
  generator: RawGenerator,
): Promise<number | undefined> {
  const { clock } = system.ports
  await pause(clock, REST_MS)
  const before = system.socketKeepersBytes()
  await generator.addIdle(connections, await system.onlooker())
  await pause(clock, REST_MS)
  const after = system.socketKeepersBytes()
  generator.dropIdle()
  return before === undefined || after === undefined ? undefined : (after - before) / connections
}
