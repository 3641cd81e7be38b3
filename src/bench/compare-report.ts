import type { MeasureOutcome } from './compare.ts'
import type { ComparisonBar } from './comparison-bar.ts'
import type { ComparisonScale } from './comparison-scale.ts'
import type { Figure } from './figures.ts'
import type { Machine } from './machine-node.ts'
import { medianOf } from './statistics.ts'

export interface CompareFacts {
  readonly machine: Machine
  /** Programs and their versions: `Socket.IO 4.8.4`. */
  readonly versions: readonly string[]
  readonly rounds: number
  readonly quick: boolean
  readonly scale: ComparisonScale
  /** Who could not be measured, and what is missing: one sentence each. */
  readonly leftOut: readonly string[]
}

export interface CompareReport extends CompareFacts {
  readonly measures: readonly MeasureOutcome[]
  /** Every bar of every measure holds; what was not measured does not. */
  readonly passed: boolean
}

export function compareReport(measures: readonly MeasureOutcome[], facts: CompareFacts): CompareReport {
  const passed = measures.every(({ bars, failure }) => failure === undefined && bars.every(({ holds }) => holds))
  return { ...facts, measures: measures.map(withRoundFigures), passed }
}

/** The bars as a person reads them at the end of a run. */
export function compareLines({ measures, leftOut, passed }: CompareReport): readonly string[] {
  return [
    ...leftOut,
    ...measures.flatMap(({ id, title, bars, failure }) => [
      `${id}: ${title}`,
      ...(failure === undefined ? [] : [`  not measured: ${failure}`]),
      ...bars.map((bar) => `  ${bar.sentence}: ${valueText(bar)}: ${bar.holds ? 'holds' : 'MISSED'}`),
    ]),
    passed ? 'All bars hold.' : 'Not all bars hold.',
  ]
}

/** `0.43 (0.41 to 0.46)`: the median and the range of all turns. */
export function valueText({ median, min, max }: Pick<ComparisonBar, 'median' | 'min' | 'max'>): string {
  if (median === undefined || min === undefined || max === undefined) return 'not measured'
  return min === max ? number(median) : `${number(median)} (${number(min)} to ${number(max)})`
}

export function figureText({ samples }: Figure): string {
  if (samples.length === 0) return 'not measured'
  return valueText({ median: medianOf(samples), min: Math.min(...samples), max: Math.max(...samples) })
}

/** As many digits as say something. */
function number(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)))
}

/** Samples are kept as they were measured, but for digits that say nothing. */
function withRoundFigures(outcome: MeasureOutcome): MeasureOutcome {
  const figures = outcome.figures.map((figure) => ({
    ...figure,
    samples: figure.samples.map((sample) => Number(sample.toPrecision(5))),
  }))
  return { ...outcome, figures }
}
