import type { Measure } from '../comparison.ts'
import { limitBar } from '../comparison-bar.ts'
import { READS, returningCrowd } from './returning-crowd.ts'

export const reads: Measure = {
  id: 'R6',
  title: 'reads of the store per returning client',
  method: 'In the turns of R5: scans of the table of messages by PostgreSQL’s own statistics, adoption included.',
  trial: returningCrowd,
  bars: (figures) => [limitBar(figures, { what: READS, atMost: 0.1 })],
}
