import type { Arena, Measure, Trial } from './comparison.ts'
import type { ComparisonBar } from './comparison-bar.ts'
import type { Figures } from './figures.ts'

/** What one measure came to. */
export interface MeasureOutcome {
  readonly id: string
  readonly title: string
  readonly method: string
  /** Measures of one trial have the same figures. */
  readonly trial: string
  readonly figures: Figures
  readonly bars: readonly ComparisonBar[]
  /** Why its trial came to nothing. */
  readonly failure?: string
}

type TrialOutcome = { readonly figures: Figures; readonly failure?: string }

/**
 * Runs every trial once that the measures need, in their order, and judges the measures by what it gave. A trial that
 * fails takes only its own measures with it: the others may have run for half an hour.
 */
export async function compare(
  arena: Arena,
  measures: readonly Measure[],
  onProgress: (done: number, total: number, note: string) => void,
): Promise<readonly MeasureOutcome[]> {
  const trials = [...new Set(measures.map(({ trial }) => trial))]
  const given = new Map<Trial, TrialOutcome>()
  for (const [done, trial] of trials.entries()) {
    onProgress(done, trials.length, trial.name)
    if (arena.stopped()) break
    given.set(trial, await outcomeOf(trial, arena))
  }
  onProgress(trials.length, trials.length, 'done')
  return measures.map(({ id, title, method, trial, bars }) => {
    const { figures, failure } = given.get(trial) ?? { figures: [], failure: 'It was not begun.' }
    return {
      id,
      title,
      method,
      trial: trial.name,
      figures,
      bars: bars(figures),
      ...(failure !== undefined && { failure }),
    }
  })
}

async function outcomeOf(trial: Trial, arena: Arena): Promise<TrialOutcome> {
  try {
    return { figures: await trial.run(arena) }
  } catch (error) {
    return { figures: [], failure: error instanceof Error ? error.message : String(error) }
  }
}
