import type { Clock } from '../../base/clock.ts'

/** A clock of which can be seen what it will still do. */
export function openClock(clock: Clock): { clock: Clock; due(): readonly number[] } {
  const pending = new Set<{ readonly dueMs: number }>()
  return {
    due: () => [...pending].map(({ dueMs }) => dueMs).sort((a, b) => a - b),
    clock: {
      ...clock,
      after(delayMs, callback) {
        const timer = { dueMs: clock.monotonicMs() + delayMs }
        pending.add(timer)
        const cancel = clock.after(delayMs, () => {
          pending.delete(timer)
          callback()
        })
        return () => {
          pending.delete(timer)
          cancel()
        }
      },
    },
  }
}
