import type { Checker } from '../observation.ts'

/** LO4: seq is dense and time does not fall; what a new owner and every reader get is a part of the one log. */
export function logIsDense(): Checker {
  return {
    rule: 'LO4',
    see(observation, ledger) {
      if (observation.kind === 'stored') {
        const { slice, headBefore } = observation
        let at = ledger.record(slice.conversation, headBefore)?.at ?? 0
        for (const [i, record] of slice.events.entries()) {
          if (record.seq !== headBefore + 1 + i)
            return `${slice.conversation}: seq ${record.seq} was stored where ${headBefore + 1 + i} must come.`
          if (record.at < at)
            return `${slice.conversation}: time falls from ${at} to ${record.at} at seq ${record.seq}.`
          at = record.at
        }
      }
      if (observation.kind === 'claim-answered') {
        const { conversation, seq, snapshot, tail } = observation.claimed
        const head = ledger.headSeq(conversation)
        if (seq !== head) return `${conversation}: a new owner was told head ${seq} while the log ends at ${head}.`
        const last = tail.at(-1)
        if (last && last.seq !== head)
          return `${conversation}: a new owner's tail ends at ${last.seq}, the log at ${head}.`
        const from = tail[0]?.seq ?? head + 1
        if (from > (snapshot?.seq ?? 0) + 1)
          return `${conversation}: a new owner's tail begins at ${from}, behind a snapshot that ends at ${snapshot?.seq ?? 0}.`
        for (const [i, record] of tail.entries()) {
          if (record.seq !== from + i)
            return `${conversation}: a new owner's tail has ${record.seq} in the place of ${from + i}.`
          if (ledger.record(conversation, record.seq)?.json !== record.json)
            return `${conversation}: a new owner read another seq ${record.seq} than the one that was stored.`
        }
      }
      return undefined
    },
  }
}
