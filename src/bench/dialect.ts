import type { ConversationId, ParticipantId } from '../base/ids.ts'

/** Where a raw client sits, and what it does there. */
export interface Place {
  readonly conversation: ConversationId
  readonly sender: ParticipantId
  readonly token: string
  /** A visitor opens the room and speaks, an agent joins, an onlooker only listens; who is idle is given nothing. */
  readonly part: 'visitor' | 'agent' | 'onlooker' | 'idle'
  /** One run of one client; random. */
  readonly instance: string
}

/** What a session tells its client. */
export interface Wire {
  send(frame: string): void
  /** Once for each socket: what is sent from now on is taken, whatever is new is given. */
  ready(): void
  /** A frame with words in it. */
  given(frame: string): void
  acknowledged(n: number): void
  /** `n` where the refusal names a message that may be sent again. */
  refused(n?: number): void
}

/** One client's side of the protocol. It outlives its sockets, to know where to resume. */
export interface Session {
  opened(): void
  heard(frame: string): void
  /** The client's `n`th message, perhaps not for the first time; all below `floor` are answered. */
  say(n: number, text: string, floor: number): void
}

/** How clients of one system speak on a WebSocket: as little as that system's protocol allows. */
export interface Dialect {
  readonly subprotocol: string | null
  url(address: string): string
  session(place: Place, wire: Wire): Session
}
