import type { Measure } from '../comparison.ts'
import { limitBar, ratioBar } from '../comparison-bar.ts'
import { INCOMPLETE, SERVER_CPU } from '../in-turns.ts'
import { equalLoad } from './equal-load.ts'

export const cost: Measure = {
  id: 'R2',
  title: 'CPU time per 1,000 deliveries at equal load (the main number: it survives a noisy machine)',
  method:
    'An open loop of the same rate for all; CPU time of all server processes, database, broker and supervisor, from /proc. Told beside it: the same at a low load, and E, which is one node.',
  trial: equalLoad,
  bars: (figures) => [
    ratioBar(figures, { what: SERVER_CPU, over: 'S', atMost: 0.5 }),
    limitBar(figures, { what: INCOMPLETE, atMost: 0 }),
  ],
}
