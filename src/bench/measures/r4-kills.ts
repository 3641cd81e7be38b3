import { pause } from '../../base/clock.ts'
import type { Arena, Measure } from '../comparison.ts'
import { limitBar } from '../comparison-bar.ts'
import { type Figures, figuresFrom, type Reading } from '../figures.ts'
import { standOf } from '../in-turns.ts'
import { waitUntil } from '../wait-until.ts'
import { wordLosses } from '../word-losses.ts'

const WHOLE_PATIENCE_MS = 30_000
/** What was missed may be given after all, until nothing has come for so long. */
const SETTLE_MS = 5000
const SYSTEMS = ['Holdfast', 'S', "S'"]
const ACKNOWLEDGED = 'acknowledged messages'
const UNANSWERED = 'messages without an answer at the end'
const NOT_WHOLE = 'kills after which it was not whole again in time'
const NONE = ['lost', 'duplicated', 'reordered', UNANSWERED, NOT_WHOLE] as const

/** Everybody talks while machine after machine is killed and comes back. */
async function run(arena: Arena): Promise<Figures> {
  const samples = new Map<string, Reading[]>()
  for (const entrant of arena.entrants.filter(({ name }) => SYSTEMS.includes(name))) {
    arena.say(`starting ${entrant.name}`)
    const { system, generator } = await standOf(arena, entrant, {
      returns: true,
      remembers: true,
      patienceMs: SETTLE_MS,
    })
    try {
      const { kills, killEveryMs, killPerSecond } = arena.scale
      const talk = generator.openLoop(killPerSecond, kills * killEveryMs)
      let notWhole = 0
      for (let kill = 0; kill < kills; kill++) {
        await pause(arena.clock, killEveryMs / 2)
        arena.say(`${entrant.name}: killed ${system.killMachine(kill)} (${kill + 1} of ${kills})`)
        await pause(arena.clock, killEveryMs / 2)
        const whole = await waitUntil(arena.clock, { patienceMs: WHOLE_PATIENCE_MS }, () => system.whole())
        if (whole === undefined) notWhole += 1
      }
      const { tally } = await talk
      const rooms = generator.rooms.map(([visitor, ...agents]) => ({
        acknowledged: visitor?.acknowledged ?? [],
        given: [visitor, ...agents].map((client) => client?.words ?? []),
      }))
      const { due, ...counts } = wordLosses(rooms)
      samples.set(entrant.name, [
        {
          kills,
          [ACKNOWLEDGED]: tally.ackMs.length,
          [UNANSWERED]: generator.rooms.flat().reduce((sum, { unanswered }) => sum + unanswered, 0),
          'deliveries owed': due,
          ...counts,
          'lost, % of those owed': (100 * counts.lost) / Math.max(1, due),
          [NOT_WHOLE]: notWhole,
        },
      ])
    } finally {
      generator.stop()
      await system.stop()
    }
  }
  return figuresFrom(samples)
}

export const kills: Measure = {
  id: 'R4',
  title: 'acknowledged deliveries lost, duplicated, reordered under repeated kill -9',
  method:
    'An even load while, by turns, all servers of one of the two machines are killed at once (ours: a node that serves clients and owns conversations) and started again after a second. Clients come back within 500 ms at random and say again what was not answered.',
  trial: { name: 'repeated kill -9', run },
  bars: (figures) => [
    ...NONE.map((what) => limitBar(figures, { what, atMost: 0 })),
    limitBar(figures, { what: ACKNOWLEDGED, atLeast: 1 }),
  ],
}
