import type { PlantedBug } from './planted-bug.ts'

/**
 * A statement that writes several events of one conversation writes the first and answers for all. Of the rest of the
 * slice, commands are acknowledged (LO1) and events shown (LO6), whichever is seen first.
 */
export const tornSlice: PlantedBug = {
  name: 'torn-slice',
  sentence: 'Of a slice of several events only the first is stored.',
  breaks: ['LO1', 'LO6'],
  wrapStore: (store) => ({
    ...store,
    async append(slices) {
      const outcomes = await store.append(slices.map((slice) => ({ ...slice, events: slice.events.slice(0, 1) })))
      return outcomes.map((outcome, i) =>
        outcome.kind === 'ok' ? { kind: 'ok', seq: outcome.seq - 1 + (slices[i]?.events.length ?? 1) } : outcome,
      )
    },
  }),
}
