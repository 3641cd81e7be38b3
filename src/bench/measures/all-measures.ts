import type { Measure } from '../comparison.ts'
import type { ComparisonScale } from '../comparison-scale.ts'
import { throughput } from './r1-throughput.ts'
import { cost } from './r2-cost.ts'
import { times } from './r3-times.ts'
import { kills } from './r4-kills.ts'
import { comeback } from './r5-return.ts'
import { reads } from './r6-reads.ts'
import { memory } from './r7-memory.ts'
import { appends } from './r8-appends.ts'
import { growth } from './r9-growth.ts'

/** R1 to R9 of the promises. */
export function allMeasures(scale: ComparisonScale): readonly Measure[] {
  return [throughput, cost, times, kills, comeback, reads, memory, appends, growth(scale)]
}
