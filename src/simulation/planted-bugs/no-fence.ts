import type { PlantedBug } from './planted-bug.ts'

/** Whoever knows the head may write: the store does not compare epochs. */
export const noFence: PlantedBug = {
  name: 'no-fence',
  sentence: 'The store takes an append whatever its epoch.',
  breaks: ['OW1'],
  wrapStore: (store, { ledger }) => ({
    ...store,
    append: (slices) =>
      store.append(slices.map((slice) => ({ ...slice, epoch: ledger.epoch(slice.conversation) || slice.epoch }))),
  }),
}
