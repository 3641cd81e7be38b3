import { performance } from 'node:perf_hooks'
import type { Clock } from './clock.ts'

/** The clock of this machine. */
export const realClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
}
