import type { Clock } from '../../base/clock.ts'
import type { ConversationId, Epoch, Owner } from '../../base/ids.ts'
import type { BeatOutcome, Claimed, LogStore, MemberStore } from '../../store/log-store.ts'
import { boundMemberStore, type Ledger } from '../ledger.ts'

/** What may go wrong with a node, or with what it sends. */
export type FaultKind = 'death' | 'pause' | 'cut' | 'loss'

/** A mistake in one port of the ownership code, which the search must find. */
export interface OwnershipDefect {
  readonly name: string
  /** What is wrong, in one sentence. */
  readonly sentence: string
  /** The rule that it must be seen to break, and the one fault that shows it. */
  readonly breaks: string
  readonly fault: FaultKind
  /** In the store itself: what the ledger writes down is what it made. */
  readonly belowLedger?: (store: LogStore) => LogStore
  readonly wrapStore?: (store: LogStore, ledger: Ledger) => LogStore
  readonly wrapMembers?: (store: MemberStore) => MemberStore
  readonly wrapClock?: (clock: Clock) => Clock
}

const CLOCK_READ_MS = 500

export const OWNERSHIP_DEFECTS: readonly OwnershipDefect[] = [
  {
    name: 'fence-ignored',
    sentence: 'The store takes an append whatever its epoch.',
    breaks: 'OW1',
    fault: 'loss',
    wrapStore: (store, ledger) => ({
      ...store,
      append: (slices) =>
        store.append(slices.map((slice) => ({ ...slice, epoch: ledger.epoch(slice.conversation) || slice.epoch }))),
    }),
  },
  {
    name: 'epoch-not-raised',
    sentence: 'A claim changes the owner and leaves the epoch as it was.',
    breaks: 'OW1',
    fault: 'death',
    belowLedger: epochNotRaised,
  },
  {
    name: 'claim-from-the-living',
    sentence: 'A claim does not ask whether the present owner lives.',
    breaks: 'OW3',
    fault: 'loss',
    belowLedger: (store) => ({
      ...store,
      async claim(requests, by) {
        for (const { conversation } of requests) await offerTo(store, conversation, by)
        return store.claim(requests, by)
      },
    }),
  },
  {
    name: 'lease-by-late-clock',
    sentence: 'A node judges its lease by a time that it read up to half a second ago.',
    breaks: 'OW3',
    fault: 'cut',
    wrapClock: lateClock,
  },
  {
    name: 'tombstone-forgotten',
    sentence: 'An incarnation that was declared dead is told that its lease is renewed.',
    breaks: 'OW3',
    fault: 'pause',
    wrapMembers: tombstoneForgotten,
  },
  {
    name: 'answered-before-durable',
    sentence: 'The store answers an append before it has written it.',
    breaks: 'LO1',
    fault: 'loss',
    wrapStore: (store) => ({
      ...store,
      append: async (slices) => slices.map(({ expectSeq, events }) => ({ kind: 'ok', seq: expectSeq + events.length })),
    }),
  },
  {
    name: 'dead-not-told',
    sentence: 'The store tells nobody that an incarnation was declared dead, so nobody adopts from it.',
    breaks: 'OW4',
    fault: 'death',
    wrapMembers: (store) => ({
      ...boundMemberStore(store),
      async beat(self, facts) {
        const outcome = await store.beat(self, facts)
        if (outcome.kind !== 'renewed') return outcome
        return { ...outcome, members: outcome.members.filter(({ tombstoned }) => !tombstoned) }
      },
    }),
  },
]

/** As if the owner had offered it. */
async function offerTo(store: LogStore, conversation: ConversationId, to: Owner): Promise<void> {
  const owner = await store.ownerOf(conversation)
  const owned = owner ? await store.ownedBy(owner.incarnation, 1) : []
  await store.offerHandover(owned.map((each) => ({ ...each, to })))
}

/** Everybody sees epoch 1 for ever; the store behind keeps its own. */
function epochNotRaised(store: LogStore): LogStore {
  let epoch: Epoch = 1
  const unraised = (claimed: Claimed): Claimed => {
    epoch = claimed.epoch
    return { ...claimed, epoch: 1 }
  }
  return {
    ...store,
    async claim(requests, by) {
      const outcomes = await store.claim(
        requests.map(({ conversation }) => ({ conversation })),
        by,
      )
      return outcomes.map((outcome) => (outcome.kind === 'claimed' ? unraised(outcome) : outcome))
    },
    async adopt(from, by, limit) {
      const outcomes = await store.adopt(from, by, limit)
      return outcomes.map((outcome) => (outcome.kind === 'claimed' ? unraised(outcome) : outcome))
    },
    append: (slices) => store.append(slices.map((slice) => ({ ...slice, epoch }))),
  }
}

function lateClock(clock: Clock): Clock {
  let readMs = clock.monotonicMs()
  const read = () => {
    readMs = clock.monotonicMs()
    clock.after(CLOCK_READ_MS, read)
  }
  clock.after(CLOCK_READ_MS, read)
  return { ...clock, monotonicMs: () => readMs }
}

function tombstoneForgotten(store: MemberStore): MemberStore {
  let last: Extract<BeatOutcome, { kind: 'renewed' }> | undefined
  return {
    ...boundMemberStore(store),
    async beat(self, facts) {
      const outcome = await store.beat(self, facts)
      if (outcome.kind === 'renewed') last = outcome
      return last ?? outcome
    },
  }
}
