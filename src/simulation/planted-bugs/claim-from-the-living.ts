import type { PlantedBug } from './planted-bug.ts'

/** Whoever is asked for a conversation takes it, though its owner lives and knows nothing of it. */
export const claimFromTheLiving: PlantedBug = {
  name: 'claim-from-the-living',
  sentence: 'A claim does not ask whether the owner lives.',
  breaks: ['OW3'],
  wrapStore: (store, world) => ({
    ...store,
    async claim(requests, by) {
      const outcomes = await store.claim(requests, by)
      return Promise.all(
        outcomes.map(async (outcome) => {
          if (outcome.kind !== 'alive' || outcome.owner.incarnation === by.incarnation) return outcome
          await world.memberStore.tombstone(outcome.owner.incarnation, `${by.node} wanted what it owned`)
          const [taken] = await store.claim([{ conversation: outcome.conversation }], by)
          return taken ?? outcome
        }),
      )
    },
  }),
}
