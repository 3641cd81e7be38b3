import type { Checker } from '../observation.ts'

/** AC1: over its socket a page gets only the conversations that its token reaches, and hidden events reach staff alone. */
export function deliveredToTheAllowed(): Checker {
  return {
    rule: 'AC1',
    see(observation, ledger) {
      if (observation.kind !== 'delivered') return undefined
      const { page, conversation, events } = observation
      if (page.conversation !== undefined && page.conversation !== conversation)
        return `${page.client} may reach ${page.conversation} only and got events of ${conversation}.`
      if (page.isStaff) return undefined
      const hidden = events.find(
        ({ seq, type }) => type !== 'skip' && ledger.record(conversation, seq)?.audience === 'staff',
      )
      return hidden && `${page.client} is no staff and got the hidden seq ${hidden.seq} of ${conversation}.`
    },
  }
}
