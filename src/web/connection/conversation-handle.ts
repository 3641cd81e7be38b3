import type { ConversationId, ParticipantId, Seq } from '../../base/ids.ts'
import type { RefusalCode } from '../../base/refusals.ts'
import type { ClientCommand, WireEvent, WireSkip } from '../../protocol/client-frames.ts'
import type { ConversationStatus } from '../../protocol/conversation-port.ts'
import type { OutboxEntry } from './outbox-decision.ts'
import { Signal } from './signal.ts'

export type Settled =
  | { readonly kind: 'ack'; readonly seq: Seq }
  | { readonly kind: 'refused'; readonly code: RefusalCode }

export interface Sent {
  readonly key: string
  /** Resolves when the command is durable, or surely never will be. */
  readonly settled: Promise<Settled>
}

/** What a handle needs of its connection. */
export interface HandleConnection {
  send(conversation: ConversationId, command: ClientCommand): Sent
  unsent(conversation: ConversationId): readonly OutboxEntry[]
  signal(frame: { type: 'typing'; on: boolean } | { type: 'seen'; seq: Seq }, conversation: ConversationId): void
  detach(conversation: ConversationId): void
}

/** What came of a range of events: all of it was new, some of it, or something before it is missing. */
export type Applied = 'applied' | 'gap'

/** One conversation of a client: its events in order, each once, and what the client says in it. */
export class ConversationHandle {
  readonly id: ConversationId
  readonly onEvents = new Signal<readonly WireEvent[]>()
  readonly onStatus = new Signal<ConversationStatus>()
  readonly onTyping = new Signal<{ from: ParticipantId; on: boolean }>()
  readonly onSeen = new Signal<{ from: ParticipantId; seq: Seq }>()
  readonly onUnsent = new Signal<readonly OutboxEntry[]>()
  /** The conversation cannot be attached to, and why. */
  readonly onEnded = new Signal<RefusalCode>()
  readonly #connection: HandleConnection
  readonly #eventsMax: number
  #events: WireEvent[] = []
  #lastSeq: Seq
  #status: ConversationStatus = 'live'

  constructor(id: ConversationId, connection: HandleConnection, eventsMax: number, after: Seq) {
    this.id = id
    this.#connection = connection
    this.#eventsMax = eventsMax
    this.#lastSeq = after
  }

  /** The newest events, oldest first; hidden ones are not among them. */
  get events(): readonly WireEvent[] {
    return this.#events
  }

  /** Everything up to here was given; a later connection goes on behind it. */
  get lastSeq(): Seq {
    return this.#lastSeq
  }

  get status(): ConversationStatus {
    return this.#status
  }

  /** Commands without an answer, oldest first. */
  get unsent(): readonly OutboxEntry[] {
    return this.#connection.unsent(this.id)
  }

  send(command: ClientCommand): Sent {
    return this.#connection.send(this.id, command)
  }

  typing(on: boolean): void {
    this.#connection.signal({ type: 'typing', on }, this.id)
  }

  seen(seq: Seq): void {
    this.#connection.signal({ type: 'seen', seq }, this.id)
  }

  detach(): void {
    this.#connection.detach(this.id)
  }

  /** Takes what follows the last event and nothing else: doubles are passed over, a gap is told (LO6). */
  apply(incoming: readonly (WireEvent | WireSkip)[]): Applied {
    const fresh = incoming.filter(({ seq }) => seq > this.#lastSeq)
    const [first] = fresh
    const last = fresh.at(-1)
    if (!first || !last) return 'applied'
    if (first.seq !== this.#lastSeq + 1) return 'gap'
    this.#lastSeq = last.seq
    const seen = fresh.filter((event): event is WireEvent => event.type !== 'skip')
    if (this.#eventsMax > 0) this.#events = [...this.#events, ...seen].slice(-this.#eventsMax)
    if (seen.length > 0) this.onEvents.emit(seen)
    return 'applied'
  }

  turn(status: ConversationStatus): void {
    if (status === this.#status) return
    this.#status = status
    this.onStatus.emit(status)
  }
}
