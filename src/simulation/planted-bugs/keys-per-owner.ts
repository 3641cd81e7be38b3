import type { EventRecord } from '../../base/event-record.ts'
import type { Claimed, Slice, Snapshot } from '../../store/log-store.ts'
import type { PlantedBug } from './planted-bug.ts'

/**
 * Each owner knows the keys that it took itself, and no index knows them all. What a former owner took is taken again:
 * under no key, as the store beneath would refuse the same one. What a page sends again is told apart by its number: it
 * is refused as superseded, though it is in the log (LO2).
 */
export const keysPerOwner: PlantedBug = {
  name: 'keys-per-owner',
  sentence: 'A new owner does not know the keys that the former one took.',
  breaks: ['LO2'],
  wrapStore: (store) => ({
    ...store,
    claim: async (requests, by) =>
      (await store.claim(requests, by)).map((outcome) => (outcome.kind === 'claimed' ? withoutKeys(outcome) : outcome)),
    adopt: async (from, by, limit) =>
      (await store.adopt(from, by, limit)).map((outcome) =>
        outcome.kind === 'claimed' ? withoutKeys(outcome) : outcome,
      ),
    findKey: async () => undefined,
    async append(slices) {
      const outcomes = await store.append(slices)
      return Promise.all(
        outcomes.map(async (outcome, i) => {
          const slice = slices[i]
          if (outcome.kind !== 'duplicate' || !slice) return outcome
          const [again] = await store.append([keyless(slice)])
          return again ?? outcome
        }),
      )
    },
  }),
}

function withoutKeys(claimed: Claimed): Claimed {
  const { snapshot, tail } = claimed
  return { ...claimed, tail: tail.map(anonymous), ...(snapshot && { snapshot: emptied(snapshot) }) }
}

function emptied(snapshot: Snapshot): Snapshot {
  return { ...snapshot, json: JSON.stringify({ ...JSON.parse(snapshot.json), keys: { rows: [], complete: true } }) }
}

const keyless = (slice: Slice): Slice => ({ ...slice, events: slice.events.map(anonymous) })

function anonymous({ key: _key, digest: _digest, ...record }: EventRecord): EventRecord {
  return record
}
