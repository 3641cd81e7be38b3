import type { ConversationId, Incarnation, NodeName, Owner } from '../base/ids.ts'
import type { MemberRow } from '../store/log-store.ts'
import type { Link } from './network.ts'

/** First byte of every frame between nodes: below 16 the links' own business (beats), from 16 on the relay's. */
export const RELAY_FRAME_MIN = 16

/** The other nodes as the relay sees them: one link each, kept up by the peer links. */
export interface Peers {
  /** This node's present incarnation; it changes when the store declared the last one dead. */
  self(): Owner
  members(): readonly MemberRow[]
  /** Live chat nodes that are not suspect, this one included where it owns conversations; the best owner first. */
  preferred(conversation: ConversationId): readonly Incarnation[]
  /** The link to an incarnation while it is up. */
  link(incarnation: Incarnation): Link | undefined
  /** Whether a node can be asked: its link is up and it is not suspect. What it asks here is answered all the same. */
  trusted(incarnation: Incarnation): boolean
  incarnationOf(node: NodeName): Incarnation | undefined
  /** A link came up or this node became a new incarnation. */
  onUp(listener: (peer: Owner) => void): void
  /** A link went down or its peer became suspect: whatever waited there must be asked elsewhere. */
  onDown(listener: (peer: Owner, reason: string) => void): void
  /** Frames whose first byte is `RELAY_FRAME_MIN` or more. */
  onFrame(listener: (link: Link, frame: Uint8Array) => void): void
}
