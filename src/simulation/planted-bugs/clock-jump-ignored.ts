import type { Clock } from '../../base/clock.ts'
import type { PlantedBug } from './planted-bug.ts'

const STEP_MS_MAX = 100

/** A node that stood still wakes and believes that no time passed: its lease seems to hold. */
export const clockJumpIgnored: PlantedBug = {
  name: 'clock-jump-ignored',
  sentence: 'A leap of the monotonic clock is taken for a fault of the clock.',
  breaks: ['OW3'],
  wrapPorts: (ports) => ({ ...ports, clock: smoothed(ports.clock) }),
}

function smoothed(clock: Clock): Clock {
  let readMs = clock.monotonicMs()
  let toldMs = readMs
  return {
    monotonicMs() {
      const nowMs = clock.monotonicMs()
      toldMs += Math.min(nowMs - readMs, STEP_MS_MAX)
      readMs = nowMs
      return toldMs
    },
    wallMs: () => clock.wallMs(),
    after: (delayMs, callback) => clock.after(delayMs, callback),
  }
}
