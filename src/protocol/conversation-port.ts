import type { EventRecord } from '../base/event-record.ts'
import type { ConversationId, Epoch, ParticipantId, Seq } from '../base/ids.ts'
import type { Refusal } from '../base/refusals.ts'
import type { Submission } from '../conversation/command.ts'

export type { Submission }

/** What a participant is told of a conversation as a whole. `live`: all is well. */
export type ConversationStatus = 'live' | 'resuming' | 'store-unavailable'

/** Typing, read receipts, and notices that are not kept: never in the log, lost without harm. */
export type Ephemeral =
  | { readonly type: 'typing'; readonly from: ParticipantId; readonly on: boolean }
  | { readonly type: 'seen'; readonly from: ParticipantId; readonly seq: Seq }
  | {
      readonly type: 'notice'
      readonly from: ParticipantId
      readonly notice: string
      readonly url?: string
      readonly data?: string
    }

/** Someone who looks at a conversation through a node. Calls come in order and never after `detach`. */
export interface Subscriber {
  /** Contiguous: the first record follows the last one given, or the `after` of the attachment (LO6). */
  events(conversation: ConversationId, records: readonly EventRecord[]): void
  ephemeral(conversation: ConversationId, ephemeral: Ephemeral): void
  status(conversation: ConversationId, status: ConversationStatus): void
  /** The attachment is over (no such conversation, closed by `onStoreError`); nothing follows. */
  ended(conversation: ConversationId, refusal: Refusal): void
}

export interface Attachment {
  detach(): void
}

/** Acknowledged: durable, exactly once, at `seq` (LO1, LO3). */
export interface Acknowledged {
  readonly kind: 'ack'
  readonly seq: Seq
}

export type SubmitReply = Acknowledged | Refusal

/**
 * How channels reach conversations, wherever they are owned. Behind it stands the relay, which finds the owner,
 * follows it when it moves and re-submits by key: a caller never hears of an owner.
 */
export interface ConversationPort {
  /** Gives every event after `after`, then the live ones. A position beyond the log's end waits for it. */
  attach(conversation: ConversationId, after: Seq, subscriber: Subscriber): Attachment
  /** Resolves when the command is durable or refused; a definite refusal is never in the log (LO2). */
  submit(conversation: ConversationId, submission: Submission): Promise<SubmitReply>
  /** Passes a typing sign or read receipt on, if it can. */
  signal(conversation: ConversationId, ephemeral: Ephemeral): void
  /** Up to `limit` events after `after`, for REST. */
  read(conversation: ConversationId, after: Seq, limit: number): Promise<ReadReply>
}

export type ReadReply =
  | { readonly kind: 'events'; readonly headSeq: Seq; readonly records: readonly EventRecord[] }
  | Refusal

/** "Ask somebody else": the node that was asked does not own the conversation. */
export interface Moved {
  readonly kind: 'moved'
  /** The owner as far as known; absent: ask again in a moment. */
  readonly owner?: string
  readonly epoch?: Epoch
}

/** The owner's side of an attachment: where the owner sends what happens. */
export interface OwnerSink {
  events(conversation: ConversationId, epoch: Epoch, records: readonly EventRecord[]): void
  ephemeral(conversation: ConversationId, epoch: Epoch, ephemeral: Ephemeral): void
  status(conversation: ConversationId, epoch: Epoch, status: ConversationStatus): void
  /** The sender of these calls is not the owner any more. */
  moved(conversation: ConversationId, moved: Moved): void
  ended(conversation: ConversationId, refusal: Refusal): void
}

export type AttachReply = { readonly kind: 'attached'; readonly epoch: Epoch; readonly headSeq: Seq } | Moved | Refusal

/**
 * What a chat node offers to relays, its own included. `peer` names the attached node: one attachment per (peer,
 * conversation); a second attach replaces the first. After `attached`, the sink gets every event after `after`.
 */
export interface OwnerPort {
  attach(peer: string, conversation: ConversationId, after: Seq, sink: OwnerSink): Promise<AttachReply>
  detach(peer: string, conversation: ConversationId): void
  submit(conversation: ConversationId, submission: Submission): Promise<SubmitReply | Moved>
  signal(conversation: ConversationId, ephemeral: Ephemeral): void
  read(conversation: ConversationId, after: Seq, limit: number): Promise<ReadReply | Moved>
  /** The link to `peer` closed: all its attachments are over. */
  peerGone(peer: string): void
}
