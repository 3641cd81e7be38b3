import { APPEND_SHAPES } from '../append-report.ts'
import type { Measure } from '../comparison.ts'
import { ratioBar } from '../comparison-bar.ts'

export const ROWS = 'rows/s'

export const appends: Measure = {
  id: 'R8',
  title: 'appends through the fenced log alone, keys, deduplication and ordered locks on',
  method: '`holdfast bench append`: the same process, database and number of samples for all. P: 32 clients.',
  trial: { name: 'appends', run: (arena) => arena.appends() },
  bars: (figures) =>
    APPEND_SHAPES.map(({ name, factorMin }) =>
      ratioBar(figures, { what: `${ROWS}, ${name}`, over: 'P', overWhat: ROWS, atLeast: factorMin }),
    ),
}
