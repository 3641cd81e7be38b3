import type { EventRecord } from '../base/event-record.ts'
import type { ConversationId, Epoch, Incarnation, Seq } from '../base/ids.ts'
import type { Refusal } from '../base/refusals.ts'
import type {
  ConversationStatus,
  Ephemeral,
  Moved,
  ReadReply,
  Submission,
  SubmitReply,
} from '../protocol/conversation-port.ts'

/** What a conversation's new owner tells every other node. */
export interface Ownership {
  readonly conversation: ConversationId
  readonly epoch: Epoch
  readonly owner: Incarnation
}

/** The answer to `submit` or `read`, whichever the request was. */
export type RequestReply = SubmitReply | ReadReply | Moved

/** What every frame of an attachment carries. */
export interface Attached {
  /** Made by the attaching side, never used twice on a link: frames of an attachment that is over are told apart. */
  readonly attachment: number
  readonly conversation: ConversationId
}

/** Everything that nodes say to each other about conversations, in both directions of one link. */
export type RelayFrame =
  | ({ readonly type: 'attach'; readonly after: Seq } & Attached)
  | ({ readonly type: 'attached'; readonly epoch: Epoch; readonly headSeq: Seq } & Attached)
  | ({ readonly type: 'moved'; readonly moved: Moved } & Attached)
  | ({ readonly type: 'ended'; readonly refusal: Refusal } & Attached)
  | ({ readonly type: 'detach' } & Attached)
  | ({ readonly type: 'events'; readonly epoch: Epoch; readonly records: readonly EventRecord[] } & Attached)
  | ({ readonly type: 'status'; readonly epoch: Epoch; readonly status: ConversationStatus } & Attached)
  | ({ readonly type: 'ephemeral'; readonly epoch: Epoch; readonly ephemeral: Ephemeral } & Attached)
  | {
      readonly type: 'submit'
      readonly request: number
      readonly conversation: ConversationId
      readonly submission: Submission
    }
  | {
      readonly type: 'read'
      readonly request: number
      readonly conversation: ConversationId
      readonly after: Seq
      readonly limit: number
    }
  | { readonly type: 'reply'; readonly request: number; readonly reply: RequestReply }
  | { readonly type: 'signal'; readonly conversation: ConversationId; readonly ephemeral: Ephemeral }
  | { readonly type: 'announce'; readonly ownerships: readonly Ownership[] }
  | { readonly type: 'ask'; readonly request: number; readonly kind: string; readonly body: unknown }
  | { readonly type: 'answer'; readonly request: number; readonly answer: AskOutcome }

/** How an `ask` ended: answered by the other node's handler, or not, with one sentence why. */
export type AskOutcome =
  | { readonly kind: 'answered'; readonly body: unknown }
  | { readonly kind: 'failed'; readonly reason: string }
