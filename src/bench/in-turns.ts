import type { ChatSystem } from './chat-system.ts'
import type { Arena, Entrant, SystemName } from './comparison.ts'
import { type Figures, figuresFrom, type Reading } from './figures.ts'
import { type Contestant, interleave } from './interleave.ts'
import type { PhaseFigures } from './measured-phase.ts'
import { RawGenerator } from './raw-generator.ts'

/** A system with its clients in their rooms. */
export interface Stand {
  readonly system: ChatSystem
  readonly generator: RawGenerator
}

/**
 * Starts all systems that `names` has and the machine can run, puts clients in their rooms, and measures them in turns,
 * forth and back. `beside`: what is no chat system and is measured in the same turns.
 */
export async function inTurns(
  arena: Arena,
  names: readonly SystemName[],
  measure: (stand: Stand) => Promise<Reading>,
  beside: readonly Contestant<Reading>[] = [],
): Promise<Figures> {
  const stands: (Stand & { name: SystemName })[] = []
  try {
    for (const entrant of entrantsNamed(arena, names)) {
      arena.say(`starting ${entrant.name}`)
      stands.push({ name: entrant.name, ...(await standOf(arena, entrant)) })
    }
    const contestants = stands.map(({ name, ...stand }) => ({
      name,
      measure: () => {
        arena.say(name)
        return measure(stand)
      },
    }))
    return figuresFrom(await interleave<Reading>([...contestants, ...beside], { rounds: arena.rounds }))
  } finally {
    for (const { generator, system } of stands) {
      generator.stop()
      await system.stop()
    }
  }
}

/** Like `inTurns`, but every turn begins with a fresh start, and nothing else runs beside it. */
export async function inFreshTurns(
  arena: Arena,
  names: readonly SystemName[],
  measure: (system: ChatSystem, turn: number) => Promise<Reading>,
): Promise<Figures> {
  const entrants = entrantsNamed(arena, names)
  const samples = new Map<string, Reading[]>(entrants.map(({ name }) => [name, []]))
  for (let turn = 0; turn < arena.scale.freshTurns; turn++)
    for (const { name, start } of turn % 2 === 0 ? entrants : entrants.toReversed()) {
      arena.say(`starting ${name}`)
      const system = await start()
      try {
        arena.say(name)
        samples.get(name)?.push(await measure(system, turn))
      } finally {
        await system.stop()
      }
    }
  return figuresFrom(samples)
}

export const SERVER_CPU = 'CPU-ms of servers and database per 1,000 deliveries'
export const INCOMPLETE = 'turns in which a message or a delivery was missing'

/** What a phase says in figures that all trials of talk have. */
export function readingOf(phase: PhaseFigures): Reading {
  const { serverCpuMsPer1000, databaseCpuMsPer1000, generatorCpuMsPer1000, complete } = phase
  const cpu =
    serverCpuMsPer1000 === undefined || databaseCpuMsPer1000 === undefined
      ? {}
      : {
          [SERVER_CPU]: serverCpuMsPer1000 + databaseCpuMsPer1000,
          'of it the database': databaseCpuMsPer1000,
        }
  return {
    ...cpu,
    'CPU-ms of the generator per 1,000 deliveries': generatorCpuMsPer1000,
    [INCOMPLETE]: complete ? 0 : 1,
  }
}

export async function standOf(
  { scale }: Pick<Arena, 'scale'>,
  entrant: Pick<Entrant, 'start'>,
  habits: { readonly returns?: boolean; readonly remembers?: boolean; readonly patienceMs?: number } = {},
): Promise<Stand> {
  const system = await entrant.start()
  const { ports, dialect, addresses } = system
  const rooms = await system.rooms(scale.rooms, scale.agents)
  const { textLength } = scale
  const generator = new RawGenerator({ ports, dialect, addresses, rooms, textLength, ...habits })
  try {
    await generator.begin()
    return { system, generator }
  } catch (error) {
    generator.stop()
    await system.stop()
    throw error
  }
}

function entrantsNamed({ entrants }: Arena, names: readonly SystemName[]): readonly Entrant[] {
  return entrants.filter(({ name }) => names.includes(name))
}
