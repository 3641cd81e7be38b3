import type { OutboxItem } from '../store/log-store.ts'

/** The kind of outbox items that are mails. */
export const MAIL_KIND = 'mail'

/** One mail to one person, as it waits in the outbox: little, because letters are written when they are sent. */
export interface MailOrder {
  /** One plain address. */
  readonly to: string
  /** Name of an `email-template` document, or of a built-in one. */
  readonly template: string
  /** What the template may speak of. */
  readonly facts: Readonly<Record<string, unknown>>
  /** Adds what was said in a conversation, up to an event of it. */
  readonly transcript?: { readonly conversation: string; readonly upTo: number }
}

/** A mail as an item of the outbox. `id` makes its Message-ID: an order that is posted again by it is the same mail. */
export function mailItem(id: string, lane: string, order: MailOrder): OutboxItem {
  return { id, lane, kind: MAIL_KIND, body: JSON.stringify(order) }
}

/** The order in the body of an item, which this program or another version of it wrote. */
export function mailOrderIn(body: string): MailOrder | undefined {
  const order = JSON.parse(body) as Partial<MailOrder>
  const whole = typeof order.to === 'string' && typeof order.template === 'string' && typeof order.facts === 'object'
  return whole ? (order as MailOrder) : undefined
}
