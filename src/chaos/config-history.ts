/** An edit that a node acknowledged: counter `counter` and its twin became `value`, together. */
export interface AcknowledgedEdit {
  readonly counter: string
  readonly value: number
  readonly revision: number
}

/** A change as the history of the configuration tells it. */
export interface RecordedChange {
  readonly revision: number
  /** What each document became, by its name. */
  readonly values: Readonly<Record<string, number>>
}

export interface ConfigCheck {
  /** Acknowledged, and not in the history at its revision. */
  readonly lost: number
  /** A counter that rose by more than one edit at once, or twice to the same value. */
  readonly doubled: number
  /** A change that has a counter without its twin, or with another value. */
  readonly halfApplied: number
  /** Revisions that are missing between the first and the last. */
  readonly holes: number
  /** Counters whose document does not say what their last change said. */
  readonly astray: number
}

/** The document that must always say what a counter says. */
export const twinOf = (counter: string) => `${counter}-twin`

/**
 * Compares what editors were told with the history of the configuration and with the documents as they are. Each edit
 * raises one counter by one and its twin with it, so whatever is lost, doubled or half applied shows.
 */
export function checkConfigHistory(
  acknowledged: readonly AcknowledgedEdit[],
  history: readonly RecordedChange[],
  documents: Readonly<Record<string, number>>,
): ConfigCheck {
  const byRevision = new Map(history.map((change) => [change.revision, change]))
  const lost = acknowledged.filter(
    ({ revision, counter, value }) => byRevision.get(revision)?.values[counter] !== value,
  )
  const changes = [...history].sort((one, other) => one.revision - other.revision)
  const last = new Map<string, number>()
  let [doubled, halfApplied] = [0, 0]
  for (const { values } of changes)
    for (const [name, value] of Object.entries(values).filter(([each]) => !each.endsWith(twinOf('')))) {
      if (values[twinOf(name)] !== value) halfApplied += 1
      if (value !== (last.get(name) ?? 0) + 1) doubled += 1
      last.set(name, value)
    }
  const [first = 0, end = -1] = [changes[0]?.revision, changes.at(-1)?.revision]
  const astray = [...last].filter(([name, value]) => documents[name] !== value || documents[twinOf(name)] !== value)
  return {
    lost: lost.length,
    doubled,
    halfApplied,
    holes: Math.max(0, end - first + 1) - changes.length,
    astray: astray.length,
  }
}
