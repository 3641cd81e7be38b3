import type { ConversationId } from '../../base/ids.ts'
import { REFUSALS } from '../../base/refusals.ts'
import type { Checker } from '../observation.ts'

/** LO2: a definite refusal never comes into the log; whatever its outcome, no key is in the log twice. */
export function refusedStaysOut(): Checker {
  const refused = new Map<string, string>()
  const seen = new Map<string, number>()
  const nameOf = (conversation: ConversationId, sender: string, key: string) => `${conversation}/${sender}/${key}`
  return {
    rule: 'LO2',
    see(observation, ledger) {
      if (observation.kind === 'refused' && REFUSALS[observation.code].definite) {
        const { conversation, page, key, code } = observation
        const name = nameOf(conversation, page.participant, key)
        refused.set(name, code)
        // The same key with another body says nothing about the first body, which is in the log.
        if (code === 'key-reused') return undefined
        const inLog = ledger.records(conversation).find((r) => r.sender === page.participant && r.key === key)
        return inLog ? `${name} was refused (${code}) and is in the log at seq ${inLog.seq}.` : undefined
      }
      if (observation.kind !== 'stored') return undefined
      const { conversation, events } = observation.slice
      for (const { sender, key, seq } of events) {
        if (key === undefined) continue
        const name = nameOf(conversation, sender, key)
        const code = refused.get(name)
        if (code) return `${name} was refused (${code}) and came into the log at seq ${seq} after that.`
        const first = seen.get(name)
        if (first !== undefined) return `${name} is in the log twice, at seq ${first} and ${seq}.`
        seen.set(name, seq)
      }
      return undefined
    },
  }
}
