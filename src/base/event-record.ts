import type { Epoch, ParticipantId, Seq } from './ids.ts'

/** Who may see an event: all participants, or agents, supervisors and bots only (internal notes, whispers). */
export type Audience = 'everyone' | 'staff'

/**
 * An event as it is stored, relayed and sent: the fields that machines route by, and the JSON text that clients read.
 * The text is made once, by the owner, and never parsed or rebuilt on its way from the store to a socket.
 */
export interface EventRecord {
  readonly seq: Seq
  readonly epoch: Epoch
  /** Milliseconds since 1970 by the store's clock, never falling within a conversation. */
  readonly at: number
  readonly audience: Audience
  readonly sender: ParticipantId
  /** The sender's key, unique for (conversation, sender) for ever; absent on events that no command caused. */
  readonly key?: string
  /** Digest of the command behind `key`, to tell a retry from a key used twice. */
  readonly digest?: string
  /** The whole event as clients see it: `{"seq":..,"at":..,"type":..,"from":..,"body":{..}}`. */
  readonly json: string
}
