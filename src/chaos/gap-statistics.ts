import { percentile } from '../bench/statistics.ts'

/** Trials below which a p99 says nothing: with 299 the largest value covers it at 95 % confidence (0.99^299 < 0.05). */
export const TRIALS_FOR_P99 = 299

/** One client's signs of life, on one clock, rising: its acknowledgements, or what it was given. */
export interface SignsOfLife {
  readonly client: string
  readonly timesMs: ArrayLike<number>
}

export interface Gap {
  readonly client: string
  readonly gapMs: number
  /** When the silence began. */
  readonly fromMs: number
}

/**
 * The longest silence of a client that touches [faultMs, untilMs]: from its last sign before, or in, that time to the
 * next one. Who never gave a sign again is silent until `untilMs`. A client without any sign before the fault is not
 * judged: it had not begun.
 */
export function gapOf({ client, timesMs }: SignsOfLife, faultMs: number, untilMs: number): Gap | undefined {
  const first = lastIndexUpTo(timesMs, faultMs)
  if (first < 0) return undefined
  let worst: Gap = { client, gapMs: 0, fromMs: faultMs }
  for (let index = first; index < timesMs.length; index++) {
    const fromMs = timesMs[index] ?? 0
    if (fromMs > untilMs) break
    const gapMs = (timesMs[index + 1] ?? untilMs) - fromMs
    if (gapMs > worst.gapMs) worst = { client, gapMs, fromMs }
  }
  return worst
}

/** One trial's figure: the client that waited longest. */
export function worstGap(clients: readonly SignsOfLife[], faultMs: number, untilMs: number): Gap | undefined {
  return clients
    .flatMap((client) => gapOf(client, faultMs, untilMs) ?? [])
    .reduce<Gap | undefined>((worst, gap) => (worst && worst.gapMs >= gap.gapMs ? worst : gap), undefined)
}

export interface GapSummary {
  readonly trials: number
  readonly p50Ms: number
  readonly maxMs: number
  /** Only from `TRIALS_FOR_P99` trials on. */
  readonly p99Ms?: number
}

/** `undefined` where no trial gave a figure. */
export function summariseGaps(gapsMs: readonly number[]): GapSummary | undefined {
  if (gapsMs.length === 0) return undefined
  return {
    trials: gapsMs.length,
    p50Ms: percentile(gapsMs, 0.5),
    maxMs: percentile(gapsMs, 1),
    ...(gapsMs.length >= TRIALS_FOR_P99 && { p99Ms: percentile(gapsMs, 0.99) }),
  }
}

function lastIndexUpTo(sorted: ArrayLike<number>, limit: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? 0) <= limit) low = middle + 1
    else high = middle
  }
  return low - 1
}
