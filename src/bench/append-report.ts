import type { Samples } from './interleave.ts'
import type { Machine } from './machine-node.ts'
import { medianOf } from './statistics.ts'

/** A way of appending that has to beat single-row commits by a factor. */
export interface AppendShape {
  readonly name: string
  readonly conversations: number
  readonly eventsPerSlice: number
  readonly factorMin: number
}

export const APPEND_SHAPES: readonly AppendShape[] = [
  { name: 'fenced 1000 x 1', conversations: 1000, eventsPerSlice: 1, factorMin: 4 },
  { name: 'fenced 100 x 5', conversations: 100, eventsPerSlice: 5, factorMin: 6 },
]

export const SINGLE_ROW = 'single-row commits'

export interface RateRow {
  readonly name: string
  /** Rows per second: median, and the range of all samples. */
  readonly medianPerSecond: number
  readonly minPerSecond: number
  readonly maxPerSecond: number
  readonly samples: readonly number[]
}

export interface FactorRow {
  readonly name: string
  /** Median rate over the median rate of single-row commits. */
  readonly factor: number
  readonly factorMin: number
  readonly holds: boolean
}

export interface AppendReport {
  readonly machine: Machine
  readonly database: string
  readonly singleRowClients: number
  readonly rates: readonly RateRow[]
  readonly factors: readonly FactorRow[]
  readonly passed: boolean
}

/** What the samples say. Every contestant has at least one sample. */
export function appendReport(
  samples: Samples,
  facts: { machine: Machine; database: string; singleRowClients: number },
): AppendReport {
  const rates = [...samples].map(([name, values]) => rateRow(name, values))
  const medianOfRow = (name: string) => rates.find((row) => row.name === name)?.medianPerSecond ?? Number.NaN
  const factors = APPEND_SHAPES.map(({ name, factorMin }) => {
    const factor = medianOfRow(name) / medianOfRow(SINGLE_ROW)
    return { name, factor, factorMin, holds: factor >= factorMin }
  })
  return { ...facts, rates, factors, passed: factors.every(({ holds }) => holds) }
}

/** The report as a person reads it; the figures that count are last. */
export function appendLines({ machine, database, singleRowClients, rates, factors }: AppendReport): readonly string[] {
  const samples = rates[0]?.samples.length ?? 0
  return [
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ${database}`,
    `${samples} samples each, interleaved forth and back; rows of 200 bytes, durable commits; ${SINGLE_ROW} by ${singleRowClients} clients`,
    ...rates.map(
      ({ name, medianPerSecond, minPerSecond, maxPerSecond }) =>
        `${name.padEnd(20)} ${whole(medianPerSecond).padStart(8)} rows/s   (${whole(minPerSecond)} to ${whole(maxPerSecond)})`,
    ),
    ...factors.map(
      ({ name, factor, factorMin, holds }) =>
        `${name}: ${factor.toFixed(1)} times ${SINGLE_ROW} (bar ${factorMin}): ${holds ? 'holds' : 'MISSED'}`,
    ),
  ]
}

function rateRow(name: string, samples: readonly number[]): RateRow {
  return {
    name,
    medianPerSecond: medianOf(samples),
    minPerSecond: Math.min(...samples),
    maxPerSecond: Math.max(...samples),
    samples,
  }
}

const whole = (value: number) => Math.round(value).toString()
