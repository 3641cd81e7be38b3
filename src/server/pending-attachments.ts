import type { ConversationId } from '../base/ids.ts'

/** One attempt to attach; a later one of the same peer to the same conversation is another. */
type AttachAttempt = object

/**
 * Attachments that are being made: an owner may have to be claimed first, and whoever wanted to attach may have gone, or
 * have asked anew, before that is done.
 */
export class PendingAttachments {
  readonly #ofPeers = new Map<string, Map<ConversationId, AttachAttempt>>()

  get size(): number {
    return [...this.#ofPeers.values()].reduce((sum, ofPeer) => sum + ofPeer.size, 0)
  }

  begin(peer: string, conversation: ConversationId): AttachAttempt {
    const attempt = {}
    const ofPeer = this.#ofPeers.get(peer) ?? new Map<ConversationId, AttachAttempt>()
    this.#ofPeers.set(peer, ofPeer.set(conversation, attempt))
    return attempt
  }

  /** `false`: the attachment was taken back meanwhile, or replaced by another one. */
  end(peer: string, conversation: ConversationId, attempt: AttachAttempt): boolean {
    const ofPeer = this.#ofPeers.get(peer)
    if (ofPeer?.get(conversation) !== attempt) return false
    ofPeer.delete(conversation)
    if (ofPeer.size === 0) this.#ofPeers.delete(peer)
    return true
  }

  /** The peer does not want it any more. */
  takeBack(peer: string, conversation: ConversationId): void {
    this.#ofPeers.get(peer)?.delete(conversation)
  }

  peerGone(peer: string): void {
    this.#ofPeers.delete(peer)
  }
}
