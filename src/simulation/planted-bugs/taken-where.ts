import type { Owner } from '../../base/ids.ts'
import type { LogStore } from '../../store/log-store.ts'
import type { SimulatedWorld } from '../simulated-world.ts'

/** A log store whose claims replace living owners, too, where `replaceable` says so. */
export function takenWhere(store: LogStore, world: SimulatedWorld, replaceable: (owner: Owner) => boolean): LogStore {
  return {
    ...store,
    async claim(requests, by) {
      const outcomes = await store.claim(requests, by)
      return Promise.all(
        outcomes.map(async (outcome) => {
          if (outcome.kind !== 'alive' || outcome.owner.incarnation === by.incarnation) return outcome
          if (!replaceable(outcome.owner)) return outcome
          await world.memberStore.tombstone(outcome.owner.incarnation, `${by.node} wanted what it owned`)
          const [taken] = await store.claim([{ conversation: outcome.conversation }], by)
          return taken ?? outcome
        }),
      )
    },
  }
}
