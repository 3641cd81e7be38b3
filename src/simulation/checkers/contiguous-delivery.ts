import type { Seq } from '../../base/ids.ts'
import type { Ledger } from '../ledger.ts'
import type { AppliedEvent, Checker } from '../observation.ts'

/**
 * LO6: a page gets a contiguous range of the true log from its beginning, each event once, nothing that is not stored.
 * Only what a visitor may not see is left out.
 */
export function contiguousDelivery(): Checker {
  const applied = new Map<string, Seq>()
  return {
    rule: 'LO6',
    see(observation, ledger) {
      if (observation.kind !== 'applied') return undefined
      const { page, conversation, event } = observation
      const name = `${conversation} at ${page.client}.${page.load}`
      const last = applied.get(name) ?? 0
      if (event.seq <= last) return `${name}: seq ${event.seq} came after ${last}.`
      for (let seq = last + 1; seq < event.seq; seq++)
        if (page.isStaff || ledger.record(conversation, seq)?.audience !== 'staff')
          return `${name}: seq ${event.seq} came after ${last}, and ${seq} was left out.`
      applied.set(name, event.seq)
      return differs(name, event, ledger.record(conversation, event.seq))
    },
  }
}

function differs(name: string, event: AppliedEvent, record: ReturnType<Ledger['record']>): string | undefined {
  if (!record) return `${name}: seq ${event.seq} was delivered, but the log has no such event.`
  const stored = JSON.parse(record.json) as AppliedEvent
  const same =
    stored.type === event.type &&
    stored.from === event.from &&
    JSON.stringify(stored.body) === JSON.stringify(event.body)
  return same ? undefined : `${name}: seq ${event.seq} was delivered with another content than was stored.`
}
