import type { Measure } from '../comparison.ts'
import { ratioBar } from '../comparison-bar.ts'
import { equalLoad, TIMES } from './equal-load.ts'

export const times: Measure = {
  id: 'R3',
  title: 'time to acknowledgement and to delivery at equal load',
  method: 'In the turns of R2, from the moment a message was due, as the one process of the generator sees it.',
  trial: equalLoad,
  bars: (figures) => TIMES.map((what) => ratioBar(figures, { what, over: 'S', atMost: 0.5 })),
}
