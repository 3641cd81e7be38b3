import type { OutboxItem } from '../store/log-store.ts'

/** The kind of outbox items that are calls of the webhook. */
export const WEBHOOK_KIND = 'webhook'

/** What a webhook is told: `event` says what it is, `id` is the same however often it is told. */
export interface WebhookEvent {
  readonly event: string
  readonly id: string
}

/** A call of the webhook as an item of the outbox; its body is sent to the letter. */
export function webhookItem<Event extends WebhookEvent>(id: string, lane: string, event: Event): OutboxItem {
  return { id, lane, kind: WEBHOOK_KIND, body: JSON.stringify(event) }
}
