import type { Trial } from '../comparison.ts'
import { inTurns, readingOf } from '../in-turns.ts'
import { measuredPhase } from '../measured-phase.ts'

export const TIMES = [
  'acknowledgement p50, ms',
  'acknowledgement p99, ms',
  'delivery p50, ms',
  'delivery p99, ms',
] as const

/** The same number of messages a second for everybody, whatever the answers do. R2 reads its cost, R3 its times. */
export const equalLoad: Trial = {
  name: 'equal load',
  run: (arena) =>
    inTurns(arena, ['Holdfast', 'S'], async ({ system, generator }) => {
      const { perSecond, turnMs } = arena.scale
      const phase = await measuredPhase(system, () => generator.openLoop(perSecond, turnMs))
      const times = [phase.ackMs?.p50, phase.ackMs?.p99, phase.deliveryMs?.p50, phase.deliveryMs?.p99]
      return {
        ...readingOf(phase),
        ...Object.fromEntries(
          TIMES.flatMap((name, index) => (times[index] === undefined ? [] : [[name, times[index]]])),
        ),
        'deliveries/s': phase.deliveredPerSecond,
      }
    }),
}
