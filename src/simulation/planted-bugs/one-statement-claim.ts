import type { Seq } from '../../base/ids.ts'
import type { ClaimOutcome } from '../../store/log-store.ts'
import type { PlantedBug } from './planted-bug.ts'

const LOCK_WAIT_MS_MAX = 50

/**
 * The claim reads the tail in the statement that locks the head: it waits for the lock behind a committing append, but
 * sees the log as it was when the statement began.
 */
export const oneStatementClaim: PlantedBug = {
  name: 'one-statement-claim',
  sentence: 'A claim returns a tail without the event that commits beside it.',
  breaks: ['LO4'],
  wrapStore(store, world) {
    const { ledger, timeline } = world
    const random = world.random.fork('one-statement-claim')
    const lockWait = () =>
      new Promise<void>((resolve) => {
        timeline.at(timeline.now() + LOCK_WAIT_MS_MAX * random.fraction(), resolve)
      })
    return {
      ...store,
      async claim(requests, by) {
        const seen = requests.map(({ conversation }) => ledger.headSeq(conversation))
        await lockWait()
        const outcomes = await store.claim(requests, by)
        return outcomes.map((outcome, i) => asOf(outcome, seen[i] ?? 0))
      },
    }
  },
}

function asOf(outcome: ClaimOutcome, seq: Seq): ClaimOutcome {
  if (outcome.kind !== 'claimed') return outcome
  return { ...outcome, seq, tail: outcome.tail.filter((record) => record.seq <= seq) }
}
