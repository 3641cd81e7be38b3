import { percentile } from '../bench/statistics.ts'

/** Trials below which a p99 says nothing: with 299 the largest value covers it at 95 % confidence (0.99^299 < 0.05). */
export const TRIALS_FOR_P99 = 299
const DOUBT_MAX = 0.05

/** One client's signs of life, on one clock, rising: its acknowledgements, or what it was given. */
interface SignsOfLife {
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
  /** What the p99 surely does not exceed, at 95 % confidence; only from `TRIALS_FOR_P99` trials on. */
  readonly p99Ms?: number
}

/** `undefined` where no trial gave a figure. */
export function summariseGaps(gapsMs: readonly number[]): GapSummary | undefined {
  if (gapsMs.length === 0) return undefined
  return {
    trials: gapsMs.length,
    p50Ms: percentile(gapsMs, 0.5),
    maxMs: percentile(gapsMs, 1),
    ...(gapsMs.length >= TRIALS_FOR_P99 && { p99Ms: surelyAboveP99(gapsMs) }),
  }
}

/**
 * The smallest of the values that is above the true p99 at 95 % confidence: the one above which so few are that as few
 * or fewer would come by chance in less than 5 % of cases, were it not above (binomial; the maximum at 299 values, the
 * second largest at 473, the seventh at 1,200).
 */
function surelyAboveP99(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => other - one)
  let chance = 0.99 ** values.length
  let atMost = chance
  let above = -1
  while (atMost < DOUBT_MAX) {
    above += 1
    chance *= ((values.length - above) * 0.01) / ((above + 1) * 0.99)
    atMost += chance
  }
  return sorted[above] ?? Number.NaN
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
