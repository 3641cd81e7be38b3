import type { Checker } from '../observation.ts'

/** OW1: only the owner of an epoch writes in it, and only while it is the present one. */
export function oneWriter(): Checker {
  return {
    rule: 'OW1',
    see(observation, ledger) {
      if (observation.kind === 'append-answered' && observation.outcome.kind === 'ok') {
        const { by, slice } = observation
        const owner = ledger.owner(slice.conversation, slice.epoch)
        if (owner?.incarnation !== by.incarnation)
          return `${slice.conversation}: ${by.node} wrote in epoch ${slice.epoch}, which is ${owner?.node ?? 'nobody'}'s.`
        const epoch = ledger.epoch(slice.conversation)
        if (epoch !== slice.epoch)
          return `${slice.conversation}: ${by.node} wrote in epoch ${slice.epoch} during epoch ${epoch}.`
      }
      if (observation.kind === 'stored') {
        const { slice } = observation
        for (const { epoch, seq } of slice.events)
          if (epoch !== ledger.epoch(slice.conversation))
            return `${slice.conversation}: seq ${seq} carries epoch ${epoch} in epoch ${ledger.epoch(slice.conversation)}.`
      }
      return undefined
    },
  }
}
