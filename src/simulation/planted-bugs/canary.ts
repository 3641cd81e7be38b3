import type { PlantedBug } from './planted-bug.ts'

/**
 * The store forgets everything it is told. A simulation in which this passes proves nothing. Acknowledgements and
 * events go out together: either rule may see first that nothing is in the log.
 */
export const canary: PlantedBug = {
  name: 'canary',
  sentence: 'The store answers and writes nothing.',
  breaks: ['LO1', 'LO6'],
  wrapStore: (store) => ({
    ...store,
    append: async (slices) => slices.map(({ expectSeq, events }) => ({ kind: 'ok', seq: expectSeq + events.length })),
  }),
}
