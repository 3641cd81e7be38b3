import { performance } from 'node:perf_hooks'
import type { Clock } from './clock.ts'

/** The clock of this machine. A delay of 0 means after what is under way now, not after a millisecond. */
export const realClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  after(delayMs, callback) {
    if (delayMs <= 0) {
      const immediate = setImmediate(callback)
      return () => clearImmediate(immediate)
    }
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
}
