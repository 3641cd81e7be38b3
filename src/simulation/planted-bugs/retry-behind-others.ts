import type { PlantedBug } from './planted-bug.ts'

/** What failed is put at the end of its lane, so that nobody waits for it. */
export const retryBehindOthers: PlantedBug = {
  name: 'retry-behind-others',
  breaks: ['OB1'],
  sentence: 'An item of the outbox that failed is tried again behind those that came after it.',
  wrapOutbox: (store) => ({
    ...store,
    async postpone(item, _delayMs, reason) {
      return (await store.bury(item, reason)) && (await store.replay(item.id))
    },
  }),
}
