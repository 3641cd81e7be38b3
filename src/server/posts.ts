import type { ConversationId } from '../base/ids.ts'
import type { ConversationEvent } from '../conversation/event.ts'
import type { ConversationState } from '../conversation/state.ts'
import type { OutboxItem } from '../store/log-store.ts'

/** What steps of conversations ask to be done outside; posted in the very append that makes the step durable. */
export interface Posts {
  of(step: Step): readonly OutboxItem[]
  /** Some were posted here: they need not wait to be found. */
  posted(): void
}

/** A slice as it changes a conversation. */
export interface Step {
  readonly conversation: ConversationId
  readonly before: ConversationState
  readonly after: ConversationState
  readonly events: readonly ConversationEvent[]
}
