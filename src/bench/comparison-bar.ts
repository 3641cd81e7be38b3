import { type Figures, OURS, samplesOf } from './figures.ts'
import { medianOf } from './statistics.ts'

/**
 * What must be true of a figure of ours over all turns, by itself or beside a peer's, and whether it is. (`chaos` holds
 * single figures to a most: `FaultBar`.)
 */
export interface ComparisonBar {
  /** `at most 0.5 times S: CPU-ms per 1,000 deliveries` */
  readonly sentence: string
  /** The median and the range of all turns; absent where it was not measured. */
  readonly median?: number
  readonly min?: number
  readonly max?: number
  /** What was not measured does not hold. */
  readonly holds: boolean
}

type Bound = { readonly atMost: number } | { readonly atLeast: number }

/**
 * Ours over a peer's, turn by turn: the two turns of a pair were measured one after the other, so that a machine which
 * wavers wavers for both.
 */
export function ratioBar(
  figures: Figures,
  options: { what: string; over: string; overWhat?: string } & Bound,
): ComparisonBar {
  const { what, over, overWhat = what } = options
  const peers = samplesOf(figures, over, overWhat)
  const ratios = samplesOf(figures, OURS, what).flatMap((value, turn) => {
    const peer = peers[turn]
    return peer === undefined || peer === 0 ? [] : value / peer
  })
  return judged(`${boundText(options)} times ${over}: ${what}`, ratios, options)
}

/** A figure of ours against a number. */
export function limitBar(figures: Figures, options: { what: string } & Bound): ComparisonBar {
  return judged(`${boundText(options)}: ${options.what}`, samplesOf(figures, OURS, options.what), options)
}

/** The last of a row of figures over its first: how cost grows. */
export function growthBar(
  figures: Figures,
  options: { what: string; whats: readonly string[] } & Bound,
): ComparisonBar {
  const [first = '', last = ''] = [options.whats[0], options.whats.at(-1)]
  const from = samplesOf(figures, OURS, first)
  const ratios = samplesOf(figures, OURS, last).flatMap((value, turn) => {
    const base = from[turn]
    return base === undefined || base === 0 ? [] : value / base
  })
  return judged(`${boundText(options)} times: ${options.what}`, ratios, options)
}

function judged(sentence: string, values: readonly number[], bound: Bound): ComparisonBar {
  if (values.length === 0) return { sentence, holds: false }
  const [median, min, max] = [medianOf(values), Math.min(...values), Math.max(...values)]
  // None at all means none in any turn.
  const judgedBy = 'atMost' in bound && bound.atMost === 0 ? max : median
  const holds = 'atMost' in bound ? judgedBy <= bound.atMost : judgedBy >= bound.atLeast
  return { sentence, median, min, max, holds }
}

const boundText = (bound: Bound) => ('atMost' in bound ? `at most ${bound.atMost}` : `at least ${bound.atLeast}`)
