import { REFUSALS } from '../../base/refusals.ts'
import {
  type ClientHistory,
  checkLog,
  fingerprintOf,
  type ReceivedEvent,
  type SentCommand,
  type SettledCommand,
} from '../../chaos/log-checker.ts'
import type { Ledger } from '../ledger.ts'
import type { Checker, PageLoad } from '../observation.ts'

interface History {
  readonly page: PageLoad
  readonly sent: SentCommand[]
  readonly settled: SettledCommand[]
  readonly received: ReceivedEvent[]
}

/**
 * At the end, the judgement of the checker that the campaigns on real processes use, on what the pages saw: two that
 * were written apart must agree.
 */
export function secondOpinion(): Checker {
  const histories = new Map<string, History>()
  const of = (page: PageLoad): History => {
    const name = `${page.client}.${page.load}`
    const history = histories.get(name) ?? { page, sent: [], settled: [], received: [] }
    histories.set(name, history)
    return history
  }
  return {
    rule: 'log-checker',
    see(observation) {
      if (observation.kind === 'sent') {
        const { page, conversation, key, text } = observation
        of(page).sent.push({ conversation, key, atMs: 0, ...(text !== undefined && { words: fingerprintOf(text) }) })
      } else if (observation.kind === 'acknowledged') {
        const { page, conversation, key, seq } = observation
        of(page).settled.push({ kind: 'ack', conversation, key, seq, atMs: 0 })
      } else if (observation.kind === 'refused') {
        const { page, conversation, key, code } = observation
        // The same key with another body says nothing about the first body, which is in the log.
        const definite = REFUSALS[code].definite && code !== 'key-reused'
        of(page).settled.push({ kind: 'refused', conversation, key, code, definite, atMs: 0 })
      } else if (observation.kind === 'applied') {
        const { page, conversation, event } = observation
        const { seq, from = '', key } = event
        const fingerprint = fingerprintOf(JSON.stringify(event))
        const place = { conversation, seq, sender: from, atMs: 0 }
        of(page).received.push({ ...place, ...(key !== undefined && { key }), fingerprint })
      }
      return undefined
    },
    end(ledger) {
      const logs = new Map(ledger.conversations().map((conversation) => [conversation, ledger.records(conversation)]))
      const { holds, faults } = checkLog(
        logs,
        [...histories.values()].map((history) => historyOf(history, ledger)),
      )
      return holds ? undefined : `${faults[0]?.kind}: ${faults[0]?.sentence}.`
    },
  }
}

function historyOf({ page, ...seen }: History, ledger: Ledger): ClientHistory {
  const { client, load, participant, isStaff, conversation } = page
  return {
    client: `${client}.${load}`,
    sender: participant,
    audience: isStaff ? 'staff' : 'everyone',
    conversations: conversation === undefined ? ledger.conversations() : [conversation],
    ...seen,
    // Who was there to the end has read everything, or the core did not converge; that is judged elsewhere.
    stayed: false,
  }
}
