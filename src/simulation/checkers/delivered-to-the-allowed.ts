import type { Checker } from '../observation.ts'

/** AC1: a page gets only the conversations that its token reaches, and hidden events reach staff alone. */
export function deliveredToTheAllowed(): Checker {
  return {
    rule: 'AC1',
    see(observation, ledger) {
      if (observation.kind !== 'applied') return undefined
      const { page, conversation, event } = observation
      if (page.conversation !== undefined && page.conversation !== conversation)
        return `${page.client} may reach ${page.conversation} only and got seq ${event.seq} of ${conversation}.`
      const hidden = ledger.record(conversation, event.seq)?.audience === 'staff'
      if (hidden && !page.isStaff)
        return `${page.client} is no staff and got the hidden seq ${event.seq} of ${conversation}.`
      return undefined
    },
  }
}
