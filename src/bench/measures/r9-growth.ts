import type { Arena, GrownShape, Measure } from '../comparison.ts'
import { growthBar } from '../comparison-bar.ts'
import type { ComparisonScale } from '../comparison-scale.ts'
import { type Figures, OURS } from '../figures.ts'
import { SERVER_CPU, standOf } from '../in-turns.ts'
import { measuredPhase, type PhaseFigures } from '../measured-phase.ts'

/** What "flat" is held to: between the smallest and the largest of a row. */
const FLAT_MAX = 1.25
/** The tail behind the last snapshot is part of what is read. */
const RESTORE_MAX = 3

const storedName = (count: number) => `${SERVER_CPU}; conversations stored: ${count}`
const chatsName = (count: number) => `${SERVER_CPU}; chat nodes: ${count}`
const restoreName = (count: number) => `ms to claim a conversation; its events: ${count}`

const cpuOf = ({ serverCpuMsPer1000, databaseCpuMsPer1000 }: PhaseFigures) =>
  serverCpuMsPer1000 === undefined || databaseCpuMsPer1000 === undefined
    ? []
    : [serverCpuMsPer1000 + databaseCpuMsPer1000]

async function costOf(arena: Arena, shape: GrownShape): Promise<readonly number[]> {
  const { fewPerSecond, turnMs } = arena.scale
  const { system, generator } = await standOf(arena, { start: () => arena.startGrown(shape) })
  try {
    // The first seconds of a young process are dearer than any others.
    await generator.openLoop(fewPerSecond, turnMs)
    return cpuOf(await measuredPhase(system, () => generator.openLoop(fewPerSecond, turnMs)))
  } finally {
    generator.stop()
    await system.stop()
  }
}

async function run(arena: Arena): Promise<Figures> {
  const { stored, chats, events } = arena.scale.growth
  const figures: { system: string; what: string; samples: readonly number[] }[] = []
  const add = (what: string, samples: readonly number[]) => figures.push({ system: OURS, what, samples })
  for (const count of stored) {
    arena.say(`${count} conversations stored`)
    add(storedName(count), await costOf(arena, { stored: count }))
  }
  for (const count of chats) {
    arena.say(`${count} chat nodes`)
    add(chatsName(count), await costOf(arena, { chats: count }))
  }
  for (const count of events) {
    arena.say(`${count} events in a log`)
    add(restoreName(count), await arena.restoreMs(count))
  }
  return figures
}

/** What grows, from the first of its figures to the last. */
function growthRows({ growth: { stored, chats, events } }: ComparisonScale) {
  const span = (counts: readonly number[]) => `from ${counts[0]} to ${counts.at(-1)}`
  return [
    {
      what: `cost per delivery, ${span(stored)} stored conversations`,
      whats: stored.map(storedName),
      atMost: FLAT_MAX,
    },
    { what: `cost per delivery, ${span(chats)} chat nodes`, whats: chats.map(chatsName), atMost: FLAT_MAX },
    { what: `time of a claim, ${span(events)} events`, whats: events.map(restoreName), atMost: RESTORE_MAX },
  ]
}

export function growth(scale: ComparisonScale): Measure {
  return {
    id: 'R9',
    title: 'how cost grows with stored conversations, nodes and the length of a log',
    method:
      'Ours alone, at a low load: cost per delivery with more conversations in the database and with more chat nodes; the time of a claim with the tail read.',
    trial: { name: 'growth', run },
    bars: (figures) => growthRows(scale).map((row) => growthBar(figures, row)),
  }
}
