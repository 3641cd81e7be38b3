import { mailItem } from '../ops/mail-order.ts'
import type { OutboxItem } from '../store/log-store.ts'
import type { Step } from './posts.ts'

/**
 * The mails that a step owes: at the end of a conversation, to each visitor who left an address. A conversation ends
 * once, in one append, and these are posted in it: one mail an address, or none at all where the append did not happen.
 */
export function transcriptMails({ conversation, before, after }: Step): readonly OutboxItem[] {
  if (before.phase !== 'open' || after.phase !== 'closed') return []
  const visitors = [...after.participants.values()].filter(({ role }) => role === 'visitor')
  const names = new Map(visitors.flatMap(({ email, name }) => (email === undefined ? [] : [[email, name] as const])))
  return [...names].map(([to, visitor], index) =>
    mailItem(`transcript:${conversation}:${index + 1}`, conversation, {
      to,
      template: 'transcript',
      facts: { visitor, reason: after.closeReason },
      transcript: { conversation, upTo: after.headSeq },
    }),
  )
}
