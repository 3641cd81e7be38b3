import type { ConversationId, Seq } from '../base/ids.ts'
import type {
  AttachReply,
  Ephemeral,
  Moved,
  OwnerPort,
  OwnerSink,
  ReadReply,
  Submission,
  SubmitReply,
} from '../protocol/conversation-port.ts'

/** One chat node as a relay asks it: `OwnerPort` with this node as the peer, near or far. */
export interface OwnerAccess {
  attach(conversation: ConversationId, after: Seq, sink: OwnerSink): Promise<AttachReply>
  detach(conversation: ConversationId): void
  submit(conversation: ConversationId, submission: Submission): Promise<SubmitReply | Moved>
  signal(conversation: ConversationId, ephemeral: Ephemeral): void
  read(conversation: ConversationId, after: Seq, limit: number): Promise<ReadReply | Moved>
}

/** How this node's own relay is called as a peer of its own owner side. No incarnation is called so. */
export const LOCAL_PEER = 'local'

/** The owner side of this very node, asked without codec or link. */
export function localAccess(owner: OwnerPort): OwnerAccess {
  return {
    attach: (conversation, after, sink) => owner.attach(LOCAL_PEER, conversation, after, sink),
    detach: (conversation) => owner.detach(LOCAL_PEER, conversation),
    submit: (conversation, submission) => owner.submit(conversation, submission),
    signal: (conversation, ephemeral) => owner.signal(conversation, ephemeral),
    read: (conversation, after, limit) => owner.read(conversation, after, limit),
  }
}
