import { assert } from '../base/assertion.ts'

/** What is told of many measurements of one thing. */
export interface Summary {
  readonly count: number
  readonly min: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/**
 * The smallest value that at least `share` of all values do not exceed (nearest rank: no value is invented).
 * `share` in (0, 1]; there is at least one value.
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
  assert(value !== undefined, 'a percentile is of something')
  return value
}

/** The middle value; of an even number, the mean of the two in the middle. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)]
  const lower = sorted[Math.ceil(sorted.length / 2) - 1]
  assert(lower !== undefined && upper !== undefined, 'a median is of something')
  return (lower + upper) / 2
}

/** `undefined` where nothing was measured: no figure is better than a wrong one. */
export function summaryOf(values: readonly number[]): Summary | undefined {
  if (values.length === 0) return undefined
  const at = (share: number) => percentile(values, share)
  return { count: values.length, min: at(0), p50: at(0.5), p99: at(0.99), max: at(1) }
}
