import type { Arena, Measure } from '../comparison.ts'
import { limitBar, ratioBar } from '../comparison-bar.ts'
import type { Figures, Reading } from '../figures.ts'
import { INCOMPLETE, inTurns, readingOf, type Stand } from '../in-turns.ts'
import { measuredPhase, type PhaseFigures } from '../measured-phase.ts'

const ACK_P99_MS_MAX = 100
const RATE = 'acknowledged messages/s'

/** The highest rate of several closed loops whose acknowledgements were in time; 0 where none was. */
export function bestInTime(phases: readonly PhaseFigures[]): Reading {
  const inTime = phases.filter(({ ackMs }) => ackMs !== undefined && ackMs.p99 <= ACK_P99_MS_MAX)
  const best = inTime.toSorted((a, b) => b.acknowledgedPerSecond - a.acknowledgedPerSecond)[0]
  const complete = phases.every((phase) => phase.complete)
  if (!best) return { [RATE]: 0, [INCOMPLETE]: complete ? 0 : 1 }
  return { [RATE]: best.acknowledgedPerSecond, ...readingOf({ ...best, complete }) }
}

async function run(arena: Arena): Promise<Figures> {
  const { unanswered, turnMs } = arena.scale
  const single = await arena.singleRows()
  try {
    const measure = async ({ system, generator }: Stand) => {
      const phases: PhaseFigures[] = []
      for (const each of unanswered)
        phases.push(await measuredPhase(system, () => generator.closedLoop(turnMs / 2, each)))
      return bestInTime(phases)
    }
    const rows = { name: 'P', measure: async () => ({ [RATE]: await single.contestant.measure() }) }
    return await inTurns(arena, ['Holdfast', 'S'], measure, [rows])
  } finally {
    await single.close()
  }
}

export const throughput: Measure = {
  id: 'R1',
  title: `acknowledged messages/s at p99 acknowledgement <= ${ACK_P99_MS_MAX} ms`,
  method:
    'The best of several closed loops (unanswered messages of each visitor: see the scale) whose p99 is in time; what is acknowledged after the measured time does not count. P commits one row per transaction and delivers nothing.',
  trial: { name: 'as fast as it goes', run },
  bars: (figures) => [
    ratioBar(figures, { what: RATE, over: 'S', atLeast: 2 }),
    ratioBar(figures, { what: RATE, over: 'P', atLeast: 1 }),
    limitBar(figures, { what: INCOMPLETE, atMost: 0 }),
  ],
}
