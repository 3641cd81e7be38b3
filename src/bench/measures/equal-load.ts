import type { Trial } from '../comparison.ts'
import { inTurns, readingOf, SERVER_CPU } from '../in-turns.ts'
import { measuredPhase } from '../measured-phase.ts'

export const TIMES = [
  'acknowledgement p50, ms',
  'acknowledgement p99, ms',
  'delivery p50, ms',
  'delivery p99, ms',
] as const

/** Told, with no bar: where little happens, what a system does for itself weighs more than what it does for others. */
export const FEW_CPU = `${SERVER_CPU}, at the low load`

/** The same number of messages a second for everybody, whatever the answers do. R2 reads its cost, R3 its times. */
export const equalLoad: Trial = {
  name: 'equal load',
  run: (arena) =>
    inTurns(arena, ['Holdfast', 'S', 'E'], async ({ system, generator }) => {
      const { perSecond, fewPerSecond, turnMs } = arena.scale
      const phase = await measuredPhase(system, () => generator.openLoop(perSecond, turnMs))
      const few = readingOf(await measuredPhase(system, () => generator.openLoop(fewPerSecond, turnMs)))
      const times = [phase.ackMs?.p50, phase.ackMs?.p99, phase.deliveryMs?.p50, phase.deliveryMs?.p99]
      return {
        ...readingOf(phase),
        ...Object.fromEntries(
          TIMES.flatMap((name, index) => (times[index] === undefined ? [] : [[name, times[index]]])),
        ),
        'deliveries/s': phase.deliveredPerSecond,
        ...(few[SERVER_CPU] !== undefined && { [FEW_CPU]: few[SERVER_CPU] }),
      }
    }),
}
