import type { Samples } from './interleave.ts'

/** What every bar is about. */
export const OURS = 'Holdfast'

/** What one turn of one system gave: each figure's name says its unit. */
export type Reading = Readonly<Record<string, number>>

/** One figure of one system, as often as it was measured. */
export interface Figure {
  readonly system: string
  readonly what: string
  readonly samples: readonly number[]
}

export type Figures = readonly Figure[]

/** The readings of all systems, figure by figure. */
export function figuresFrom(samples: Samples<Reading>): Figures {
  return [...samples].flatMap(([system, readings]) => {
    const names = [...new Set(readings.flatMap((reading) => Object.keys(reading)))]
    return names.map((what) => ({ system, what, samples: readings.flatMap((reading) => reading[what] ?? []) }))
  })
}

/** The samples of one figure; empty where it was not measured. */
export function samplesOf(figures: Figures, system: string, what: string): readonly number[] {
  return figures.find((figure) => figure.system === system && figure.what === what)?.samples ?? []
}
