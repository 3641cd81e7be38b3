import { boundMemberStore } from '../ledger.ts'
import type { PlantedBug } from './planted-bug.ts'

/** Nobody hears of the dead, so nobody adopts what they left, unless a client asks for it. */
export const deadNotListed: PlantedBug = {
  name: 'dead-not-listed',
  sentence: 'A beat is not told of tombstoned incarnations.',
  breaks: ['OW4'],
  wrapPorts: (ports) => ({
    ...ports,
    memberStore: {
      ...boundMemberStore(ports.memberStore),
      async beat(self, facts) {
        const outcome = await ports.memberStore.beat(self, facts)
        if (outcome.kind !== 'renewed') return outcome
        return { ...outcome, members: outcome.members.filter(({ tombstoned }) => !tombstoned) }
      },
    },
  }),
}
