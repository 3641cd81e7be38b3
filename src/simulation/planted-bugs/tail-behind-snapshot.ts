import type { ClaimOutcome } from '../../store/log-store.ts'
import type { PlantedBug } from './planted-bug.ts'

/** The tail that a new owner gets begins one event too late for the snapshot that comes with it. */
export const tailBehindSnapshot: PlantedBug = {
  name: 'tail-behind-snapshot',
  sentence: 'Between the snapshot and the tail of a claim one event is missing.',
  breaks: ['LO4'],
  wrapStore: (store) => ({
    ...store,
    claim: async (requests, by) => (await store.claim(requests, by)).map(shortened),
    adopt: async (from, by, limit) => (await store.adopt(from, by, limit)).map(shortened),
  }),
}

function shortened<Outcome extends ClaimOutcome>(outcome: Outcome): Outcome {
  if (outcome.kind !== 'claimed' || !outcome.snapshot) return outcome
  const { seq } = outcome.snapshot
  return { ...outcome, tail: outcome.tail.filter((record) => record.seq > seq + 1) }
}
