import type { Checker } from '../observation.ts'

/** OW2: each new owner has an epoch one above the last, and along the log epochs never fall. */
export function epochsRise(): Checker {
  return {
    rule: 'OW2',
    see(observation, ledger) {
      if (observation.kind === 'owned' && observation.epoch !== observation.epochBefore + 1)
        return `${observation.conversation}: epoch ${observation.epoch} follows epoch ${observation.epochBefore}.`
      if (observation.kind === 'stored') {
        const { slice, headBefore } = observation
        let epoch = ledger.record(slice.conversation, headBefore)?.epoch ?? 0
        for (const record of slice.events) {
          if (record.epoch < epoch) return `${slice.conversation}: the epoch falls at seq ${record.seq}.`
          epoch = record.epoch
        }
      }
      return undefined
    },
  }
}
