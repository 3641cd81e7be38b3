import type { FaultStage } from './fault.ts'
import type { Treatments } from './treatment.ts'
import type { Wire } from './wires.ts'

const CUT_MS_MIN = 1000
const CUT_MS_MAX = 4000
const NOTHING_PASSES: Treatments = { forth: { kind: 'hold' }, back: { kind: 'hold' } }

/**
 * A partition that heals: the fault begins, what the wire carries waits for a drawn time and then goes on its way, or is
 * lost with its connections, as when a firewall forgot them. Answers that time, milliseconds.
 */
export async function cutOff(
  stage: Pick<FaultStage, 'running' | 'dice' | 'begins'>,
  wire: Wire,
  { treatments = NOTHING_PASSES, thenLost = false }: { treatments?: Treatments; thenLost?: boolean } = {},
): Promise<number> {
  const faultMs = stage.dice.spread(CUT_MS_MIN, CUT_MS_MAX)
  stage.begins()
  wire.treat(treatments)
  await stage.running.rest(faultMs)
  if (thenLost) wire.cut()
  wire.heal()
  return faultMs
}
