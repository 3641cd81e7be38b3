import type { Bar } from './bar.ts'
import type { Arena, Measure, Trial } from './comparison.ts'
import type { Figures } from './figures.ts'

/** What one measure came to. */
export interface MeasureOutcome {
  readonly id: string
  readonly title: string
  readonly method: string
  readonly figures: Figures
  readonly bars: readonly Bar[]
}

/** Runs every trial once that the measures need, in their order, and judges the measures by what it gave. */
export async function compare(
  arena: Arena,
  measures: readonly Measure[],
  onProgress: (done: number, total: number, note: string) => void,
): Promise<readonly MeasureOutcome[]> {
  const trials = [...new Set(measures.map(({ trial }) => trial))]
  const given = new Map<Trial, Figures>()
  for (const [done, trial] of trials.entries()) {
    onProgress(done, trials.length, trial.name)
    given.set(trial, await trial.run(arena))
  }
  onProgress(trials.length, trials.length, 'done')
  return measures.map(({ id, title, method, trial, bars }) => {
    const figures = given.get(trial) ?? []
    return { id, title, method, figures, bars: bars(figures) }
  })
}
