import { monitorEventLoopDelay } from 'node:perf_hooks'

/** How long this process itself could not turn, milliseconds: what it measures is no finer than that. */
export interface Standstills {
  readonly p99Ms: number
  readonly maxMs: number
}

const RESOLUTION_MS = 10
const NANOSECONDS = 1e6

/** Watches from now on; the answer ends it. */
export function watchStandstills(): () => Standstills {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  return () => {
    histogram.disable()
    const late = (nanoseconds: number) => Math.max(0, Math.round(nanoseconds / NANOSECONDS) - RESOLUTION_MS)
    return { p99Ms: late(histogram.percentile(99)), maxMs: late(histogram.max) }
  }
}
