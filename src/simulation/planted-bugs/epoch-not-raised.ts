import type { Claimed, Damaged } from '../../store/log-store.ts'
import type { PlantedBug } from './planted-bug.ts'

/** The new owner of what a dead one left goes on in the epoch of the dead one, and the store takes that. */
export const epochNotRaised: PlantedBug = {
  name: 'epoch-not-raised',
  sentence: 'Adoption changes the owner and not the epoch.',
  breaks: ['OW1'],
  wrapStore: (store, { ledger }) => ({
    ...store,
    adopt: async (from, by, limit) => (await store.adopt(from, by, limit)).map(oneLower),
    append: (slices) =>
      store.append(
        slices.map((slice) => {
          const epoch = ledger.epoch(slice.conversation)
          return slice.epoch === epoch - 1 ? { ...slice, epoch } : slice
        }),
      ),
  }),
}

function oneLower(outcome: Claimed | Damaged): Claimed | Damaged {
  return outcome.kind === 'claimed' ? { ...outcome, epoch: outcome.epoch - 1 } : outcome
}
