import type { ConversationId, ParticipantId, Seq } from '../../base/ids.ts'
import type { Ledger } from '../ledger.ts'
import type { Checker } from '../observation.ts'

interface Acknowledgement {
  readonly conversation: ConversationId
  readonly sender: ParticipantId
  readonly key: string
  readonly seq: Seq
}

/** LO1: what was acknowledged is in the log, exactly once, from that moment to the end. */
export function acknowledgedStays(): Checker {
  const acknowledged: Acknowledgement[] = []
  return {
    rule: 'LO1',
    see(observation, ledger) {
      if (observation.kind !== 'acknowledged') return undefined
      const { conversation, key, seq, page } = observation
      const acknowledgement = { conversation, sender: page.participant, key, seq }
      acknowledged.push(acknowledgement)
      return missing(acknowledgement, ledger)
    },
    end(ledger) {
      for (const acknowledgement of acknowledged) {
        const sentence = missing(acknowledgement, ledger)
        if (sentence) return sentence
      }
      return undefined
    },
  }
}

function missing({ conversation, sender, key, seq }: Acknowledgement, ledger: Ledger): string | undefined {
  const record = ledger.record(conversation, seq)
  if (record?.key === key && record.sender === sender) return undefined
  const found = record ? `holds key ${record.key ?? 'none'} of ${record.sender}` : 'holds nothing'
  return `${conversation}: key ${key} of ${sender} was acknowledged at seq ${seq}, where the log ${found}.`
}
