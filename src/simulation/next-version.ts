import type { ClaimOutcome, LogStore, Snapshot } from '../store/log-store.ts'

/**
 * The log store as the next version of the program uses it: its snapshots have another shape. Each version takes the
 * other one's for foreign and folds the whole log instead.
 */
export function asNextVersion(store: LogStore): LogStore {
  const read = <Outcome extends ClaimOutcome>(outcome: Outcome): Outcome =>
    outcome.kind === 'claimed' && outcome.snapshot ? { ...outcome, snapshot: shifted(outcome.snapshot, -1) } : outcome
  return {
    ...store,
    claim: async (requests, by) => (await store.claim(requests, by)).map(read),
    adopt: async (from, by, limit) => (await store.adopt(from, by, limit)).map(read),
    saveSnapshot: (conversation, epoch, snapshot) => store.saveSnapshot(conversation, epoch, shifted(snapshot, 1)),
  }
}

const shifted = (snapshot: Snapshot, by: 1 | -1): Snapshot => ({ ...snapshot, format: snapshot.format + by })
