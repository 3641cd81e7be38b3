import type { PlantedBug } from './planted-bug.ts'

/** The store forgets everything it is told. A simulation in which this passes proves nothing. */
export const canary: PlantedBug = {
  name: 'canary',
  sentence: 'The store answers and writes nothing.',
  wrapStore: (store) => ({
    ...store,
    append: async (slices) => slices.map(({ expectSeq, events }) => ({ kind: 'ok', seq: expectSeq + events.length })),
  }),
}
