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
interface HandleConnection {
  send(command: ClientCommand): Sent
  unsent(): readonly OutboxEntry[]
  signal(frame: { type: 'typing'; on: boolean } | { type: 'seen'; seq: Seq }): void
  detach(): void
}

/** What came of a range of events: all of it was new, some of it, or something before it is missing. */
type Applied = 'applied' | 'gap'

/** A notice that nobody will find in the log. */
interface PassingNotice {
  readonly from: ParticipantId
  readonly notice: string
  readonly url?: string
  readonly data?: string
}

/** One conversation of a client: its events in order, each once, and what the client says in it. */
export class ConversationHandle {
  readonly id: ConversationId
  readonly onEvents = new Signal<readonly WireEvent[]>()
  readonly onStatus = new Signal<ConversationStatus>()
  readonly onTyping = new Signal<{ from: ParticipantId; on: boolean }>()
  /** A notice that is not kept: it is not among the events, and comes once. */
  readonly onNotice = new Signal<PassingNotice>()
  readonly onSeen = new Signal<{ from: ParticipantId; seq: Seq }>()
  readonly onUnsent = new Signal<readonly OutboxEntry[]>()
  /** The conversation cannot be attached to, and why. */
  readonly onEnded = new Signal<RefusalCode>()
  readonly #connection: HandleConnection
  readonly #eventsMax: number
  #events: WireEvent[] = []
  #lastSeq: Seq
  #behind = false
  #known: boolean
  #status: ConversationStatus = 'live'

  constructor(id: ConversationId, connection: HandleConnection, eventsMax: number, after: Seq) {
    this.id = id
    this.#connection = connection
    this.#eventsMax = eventsMax
    this.#lastSeq = after
    this.#known = after > 0
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
    return this.#connection.unsent()
  }

  send(command: ClientCommand): Sent {
    return this.#connection.send(command)
  }

  typing(on: boolean): void {
    this.#connection.signal({ type: 'typing', on })
  }

  seen(seq: Seq): void {
    this.#connection.signal({ type: 'seen', seq })
  }

  detach(): void {
    this.#connection.detach()
  }

  /** Events came that do not follow the last one, and nothing since that does. */
  get behind(): boolean {
    return this.#behind
  }

  /** Whether the conversation is there is known: something of it came, or that there is nothing to come. */
  get known(): boolean {
    return this.#known
  }

  /** Takes what follows the last event and nothing else: doubles are passed over, a gap is told (LO6). */
  apply(incoming: readonly (WireEvent | WireSkip)[]): Applied {
    const fresh: WireEvent[] = []
    this.#behind = incoming.some((event) => {
      if (event.seq > this.#lastSeq + 1) return true
      if (event.seq === this.#lastSeq + 1) {
        this.#lastSeq = event.seq
        if (isEvent(event)) fresh.push(event)
      }
      return false
    })
    this.#known ||= this.#lastSeq > 0
    if (fresh.length > 0) this.#take(fresh)
    return this.#behind ? 'gap' : 'applied'
  }

  /** There is nothing to look at, and why. */
  end(code: RefusalCode): void {
    this.#known = true
    this.onEnded.emit(code)
  }

  turn(status: ConversationStatus): void {
    if (status === this.#status) return
    this.#status = status
    this.onStatus.emit(status)
  }

  #take(fresh: readonly WireEvent[]): void {
    if (this.#eventsMax > 0) this.#events = [...this.#events, ...fresh].slice(-this.#eventsMax)
    this.onEvents.emit(fresh)
  }
}

function isEvent(event: WireEvent | WireSkip): event is WireEvent {
  return event.type !== 'skip'
}
