import type { BeatOutcome, MemberStore } from '../../store/log-store.ts'
import type { PlantedBug } from './planted-bug.ts'

/** A node that takes every beat it sends for a renewed lease, answered or not, goes on serving when it is long replaced. */
export const zombiePublishes: PlantedBug = {
  name: 'zombie-publishes',
  sentence: 'A node past its lease goes on answering and publishing.',
  breaks: ['OW3'],
  wrapPorts: (ports) => ({ ...ports, memberStore: alwaysRenewed(ports.memberStore) }),
}

function alwaysRenewed(store: MemberStore): MemberStore {
  let last: Extract<BeatOutcome, { kind: 'renewed' }> | undefined
  return {
    join: (self, facts) => store.join(self, facts),
    async beat(self, facts) {
      const beat = store.beat(self, facts).then((outcome) => {
        if (outcome.kind === 'renewed') last = outcome
        return outcome
      })
      if (!last) return beat
      beat.catch(() => {})
      return last
    },
    tombstone: (incarnation, reason) => store.tombstone(incarnation, reason),
    tombstoneName: (node, reason) => store.tombstoneName(node, reason),
  }
}
