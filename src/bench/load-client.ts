import type { Cancel } from '../base/clock.ts'
import type { Audience } from '../base/event-record.ts'
import type { ConversationId, ParticipantId, Seq } from '../base/ids.ts'
import type { ClientCommand, WireEvent } from '../protocol/client-frames.ts'
import { Connection } from '../web/connection/connection-driver.ts'
import type { ConversationHandle } from '../web/connection/conversation-handle.ts'
import type { ConnectionPorts } from '../web/connection/ports.ts'
import { type ClientHistory, fingerprintOf } from './client-history.ts'
import { NumberColumn, ReceivedColumns, SentColumns, SettledColumns } from './history-columns.ts'

/** How a client speaks. `open`: at its own pace, whatever the answers do. `closed`: so many unanswered at a time. */
export type Pace =
  | { readonly kind: 'open'; readonly everyMs: number }
  | { readonly kind: 'closed'; readonly outstanding: number }

export interface LoadClientOptions {
  readonly name: string
  readonly sender: ParticipantId
  readonly audience: Audience
  readonly conversation: ConversationId
  readonly token: string
  /** The preferred one first. */
  readonly addresses: readonly string[]
  readonly pace: Pace
  readonly textLength: number
}

// An open loop does not pile up without bound while nobody answers (BO1).
const UNANSWERED_MAX = 100
/** So often staff write what a visitor must not see. */
const NOTE_EVERY = 5

/** One visitor or agent of one conversation, on the real client library, that remembers everything it saw. */
export class LoadClient {
  readonly #options: LoadClientOptions
  readonly #ports: ConnectionPorts
  readonly #connection: Connection
  readonly #handle: ConversationHandle
  readonly #sent: SentColumns
  readonly #settled: SettledColumns
  readonly #received: ReceivedColumns
  readonly #signsMs = new NumberColumn()
  #unanswered = 0
  #socketsClosed = 0
  #refusals = 0
  #stopped = false
  #talking = false
  #cancel: Cancel = () => {}

  constructor(ports: ConnectionPorts, options: LoadClientOptions) {
    this.#options = options
    this.#ports = ports
    this.#sent = new SentColumns(options.conversation)
    this.#settled = new SettledColumns(options.conversation)
    this.#received = new ReceivedColumns(options.conversation)
    this.#connection = new Connection(this.#watched(ports), {
      addresses: options.addresses,
      token: () => Promise.resolve(options.token),
      library: 'load',
      eventsMax: 0,
    })
    this.#handle = this.#connection.conversation(options.conversation)
    this.#handle.onEvents.listen((events) => this.#given(events))
  }

  get name(): string {
    return this.#options.name
  }

  get conversation(): ConversationId {
    return this.#options.conversation
  }

  get unanswered(): number {
    return this.#unanswered
  }

  /** Everything up to here was given. */
  get lastSeq(): Seq {
    return this.#handle.lastSeq
  }

  /** Sockets that were lost or closed by the other side so far. */
  get socketsClosed(): number {
    return this.#socketsClosed
  }

  /** Refusals of any kind that came over the wire, those after which the library tried again too. */
  get refusals(): number {
    return this.#refusals
  }

  /** When it noticed that the system serves it: a visitor by acknowledgements, an agent by what it was given. */
  signsOfLife(): Float64Array {
    return this.#signsMs.values()
  }

  /** When it noticed that last; -1 before the first time. */
  get lastSignMs(): number {
    return this.#signsMs.length === 0 ? -1 : this.#signsMs.at(this.#signsMs.length - 1)
  }

  connect(): void {
    this.#connection.start()
  }

  say(command: ClientCommand): void {
    const { key, settled } = this.#handle.send(command)
    this.#sent.push(key, this.#nowMs(), 'text' in command ? fingerprintOf(command.text) : undefined)
    this.#unanswered += 1
    void settled.then((answer) => {
      this.#unanswered -= 1
      const atMs = this.#nowMs()
      // The library goes on trying after every refusal that is not definite.
      this.#settled.push(key, atMs, answer.kind === 'refused' ? { ...answer, definite: true } : answer)
      if (answer.kind === 'ack' && this.#options.audience !== 'staff') this.#signsMs.push(atMs)
      if (this.#options.pace.kind === 'closed') this.#fill()
    })
  }

  /** Begins to speak at its pace. */
  talk(): void {
    this.#talking = true
    const { pace } = this.#options
    if (pace.kind === 'closed') return this.#fill()
    // Spread over the whole interval: clients do not speak in chorus.
    this.#cancel = this.#ports.clock.after(pace.everyMs * this.#ports.random.fraction(), () => this.#beat(pace.everyMs))
  }

  hush(): void {
    this.#talking = false
    this.#cancel()
  }

  /** Ends the connection. */
  stop(): void {
    this.hush()
    this.#stopped = true
    this.#connection.close()
  }

  /** `stayed`: it was given everything before it ended. */
  history(stayed: boolean): ClientHistory {
    const { name, sender, audience, conversation } = this.#options
    return {
      client: name,
      sender,
      audience,
      conversations: [conversation],
      sent: this.#sent,
      settled: this.#settled,
      received: this.#received,
      stayed,
    }
  }

  #beat(everyMs: number): void {
    if (!this.#talking) return
    if (this.#unanswered < UNANSWERED_MAX) this.#speak()
    this.#cancel = this.#ports.clock.after(everyMs, () => this.#beat(everyMs))
  }

  #fill(): void {
    const { pace } = this.#options
    while (this.#talking && pace.kind === 'closed' && this.#unanswered < pace.outstanding) this.#speak()
  }

  #speak(): void {
    const { name, textLength, audience } = this.#options
    const text = `${name} ${this.#sent.length} `.padEnd(textLength, '.')
    const hidden = audience === 'staff' && this.#sent.length % NOTE_EVERY === 0
    this.say(hidden ? { type: 'note', text } : { type: 'message', format: 'text', text })
  }

  #given(events: readonly WireEvent[]): void {
    const { conversation, audience } = this.#options
    const atMs = this.#nowMs()
    if (audience === 'staff' && events.length > 0) this.#signsMs.push(atMs)
    for (const event of events) {
      const { seq, from: sender, key } = event
      // Parsing and writing again gives the very text that the owner wrote.
      const fingerprint = fingerprintOf(JSON.stringify(event))
      this.#received.push({ conversation, seq, sender, ...(key !== undefined && { key }), fingerprint, atMs })
    }
  }

  #nowMs(): number {
    return this.#ports.clock.monotonicMs()
  }

  /** Counts lost sockets and refusals, and sees frames of foreign conversations, which the library passes over. */
  #watched(ports: ConnectionPorts): ConnectionPorts {
    return {
      ...ports,
      openSocket: (url, handlers) =>
        ports.openSocket(url, {
          opened: () => handlers.opened(),
          message: (text) => {
            if (text.startsWith('{"type":"refused"')) this.#refusals += 1
            const named = namedConversation(text)
            if (named !== undefined && named !== this.#options.conversation) this.#strange(named)
            handlers.message(text)
          },
          closed: (code) => {
            if (!this.#stopped) this.#socketsClosed += 1
            handlers.closed(code)
          },
        }),
    }
  }

  #strange(conversation: ConversationId): void {
    this.#received.push({ conversation, seq: 0, sender: '', fingerprint: 0, atMs: this.#nowMs() })
  }
}

/** The conversation that a frame speaks of. In texts a quotation mark is escaped, so this finds the frame's own field. */
function namedConversation(text: string): ConversationId | undefined {
  const name = '"conversation":"'
  const at = text.indexOf(name)
  if (at < 0) return undefined
  return text.slice(at + name.length, text.indexOf('"', at + name.length))
}
