import type { Clock } from '../../base/clock.ts'

/** Something that a clock will do. */
export interface PendingTimer {
  readonly dueMs: number
  /** Of those that are due together, the lower one comes first. */
  readonly order: number
}

/** A clock of which can be seen what it will still do. `nextOrder` counts for all clocks of a world. */
export function openClock(clock: Clock, nextOrder: () => number): { clock: Clock; pending(): readonly PendingTimer[] } {
  const timers = new Set<PendingTimer>()
  return {
    pending: () => [...timers].sort((a, b) => a.dueMs - b.dueMs || a.order - b.order),
    clock: {
      ...clock,
      after(delayMs, callback) {
        const timer = { dueMs: clock.monotonicMs() + delayMs, order: nextOrder() }
        timers.add(timer)
        const cancel = clock.after(delayMs, () => {
          timers.delete(timer)
          callback()
        })
        return () => {
          timers.delete(timer)
          cancel()
        }
      },
    },
  }
}
