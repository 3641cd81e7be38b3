import type { PlantedBug } from './planted-bug.ts'

/** What is taken from the outbox counts as done, whatever becomes of it. */
export const settledBeforeDone: PlantedBug = {
  name: 'settled-before-done',
  breaks: ['OB1'],
  sentence: 'An item of the outbox is settled when it is taken, before it was carried out.',
  wrapOutbox: (store) => ({
    ...store,
    async take(query) {
      const taken = await store.take(query)
      for (const item of taken) await store.settle(item)
      return taken
    },
  }),
}
