import { SYSTEM } from '../../conversation/event.ts'
import type { Checker } from '../observation.ts'

// A timer may be this late when its conversation had no owner at the moment when it was due.
const LATE_MS_MAX = 5000

/** OW5: a timer that is due fires though its owner died, and takes effect once, whoever fires it. */
export function timersFireOnce(): Checker {
  const fired = new Set<string>()
  return {
    rule: 'OW5',
    see(observation) {
      if (observation.kind === 'settled' && observation.overdueTimerMs > LATE_MS_MAX)
        return `${observation.conversation}: a timer is ${Math.round(observation.overdueTimerMs)} ms overdue.`
      if (observation.kind !== 'stored') return undefined
      const { conversation, events } = observation.slice
      for (const { sender, key, seq } of events) {
        if (sender !== SYSTEM || !key?.startsWith('timer:')) continue
        const name = `${conversation}/${key}`
        if (fired.has(name)) return `${name} took effect again at seq ${seq}.`
        fired.add(name)
      }
      return undefined
    },
  }
}
