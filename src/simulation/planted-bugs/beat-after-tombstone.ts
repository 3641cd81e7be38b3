import type { BeatOutcome } from '../../store/log-store.ts'
import { boundMemberStore } from '../ledger.ts'
import type { PlantedBug } from './planted-bug.ts'

/** A node that was declared dead goes on as if its beats were renewals. */
export const beatAfterTombstone: PlantedBug = {
  name: 'beat-after-tombstone',
  sentence: 'The beat of a tombstoned incarnation is taken for a renewal.',
  wrapPorts(ports) {
    let last: Extract<BeatOutcome, { kind: 'renewed' }> | undefined
    return {
      ...ports,
      memberStore: {
        ...boundMemberStore(ports.memberStore),
        async beat(self, facts) {
          const outcome = await ports.memberStore.beat(self, facts)
          if (outcome.kind === 'renewed') last = outcome
          return last ?? outcome
        },
      },
    }
  },
}
