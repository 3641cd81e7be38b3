import type { Measure } from '../comparison.ts'
import { limitBar, ratioBar } from '../comparison-bar.ts'
import { LAST_CAUGHT_UP, MISSING, returningCrowd } from './returning-crowd.ts'

export const comeback: Measure = {
  id: 'R5',
  title: 'kill -9 of a machine until the last returning client has everything it missed',
  method:
    'All clients were away, as many to a room as the scale says, and come back within 500 ms at random as one of two machines is killed. The floor is `ws` alone with the same connects and bytes.',
  trial: returningCrowd,
  bars: (figures) => [
    ratioBar(figures, { what: LAST_CAUGHT_UP, over: 'floor', atMost: 2 }),
    ratioBar(figures, { what: LAST_CAUGHT_UP, over: "S'", atMost: 1 }),
    limitBar(figures, { what: MISSING, atMost: 0 }),
  ],
}
