import type { Clock } from '../base/clock.ts'
import type { ConversationId, Seq } from '../base/ids.ts'
import { type ClientCommand, VERSIONS } from '../protocol/client-frames.ts'
import type { ConnectionPorts, ConnectionSocket } from '../web/connection/ports.ts'

/** What all raw clients measure, together. */
export interface RawTally {
  /** Milliseconds from sending to the acknowledgement. */
  readonly ackMs: number[]
  /** Milliseconds from sending to each delivery, the sender's own included. */
  readonly deliveryMs: number[]
  refused: number
  socketsClosed: number
}

export function emptyTally(): RawTally {
  return { ackMs: [], deliveryMs: [], refused: 0, socketsClosed: 0 }
}

export interface RawClientOptions {
  readonly ports: Pick<ConnectionPorts, 'clock' | 'openSocket'>
  readonly address: string
  readonly token: string
  readonly instance: string
  readonly conversation: ConversationId
  /** Beyond the log's end: it is attached and given nothing. */
  readonly after: Seq
  /** The text of every message is this long. */
  readonly textLength: number
  tally: RawTally
}

const ACK = '{"type":"ack"'
const EVENTS = '{"type":"events"'
// The time of sending stands in the text itself, between marks that nothing else in a frame has.
const STAMP = '"text":"@'

/**
 * A client that does as little as a client can, to measure the servers and not itself: no parsing, no outbox, no
 * second try. Every client of a run is in one process, so that one clock judges both ends.
 */
export class RawClient {
  readonly #options: RawClientOptions
  readonly #clock: Clock
  readonly #socket: ConnectionSocket
  readonly #sentMs = new Map<string, number>()
  readonly #onAck: () => void
  #sent = 0
  #welcome = false
  #given = 0
  #stopped = false

  constructor(options: RawClientOptions, onAck: () => void = () => {}) {
    this.#options = options
    this.#clock = options.ports.clock
    this.#onAck = onAck
    this.#socket = options.ports.openSocket(options.address, {
      opened: () => this.#greet(),
      message: (text) => this.#heard(text),
      closed: () => {
        if (!this.#stopped) options.tally.socketsClosed += 1
      },
    })
  }

  get welcome(): boolean {
    return this.#welcome
  }

  /** Frames of events that came so far. */
  get given(): number {
    return this.#given
  }

  get unanswered(): number {
    return this.#sentMs.size
  }

  /** Where measurements go from now on. */
  count(tally: RawTally): void {
    this.#options.tally = tally
  }

  join(): void {
    this.#send({ type: 'join' })
  }

  speak(): void {
    const { textLength } = this.#options
    const text = `@${this.#clock.monotonicMs().toFixed(1)}@`.padEnd(textLength, 'x')
    this.#send({ type: 'message', format: 'text', text })
  }

  stop(): void {
    this.#stopped = true
    this.#socket.close()
  }

  #greet(): void {
    const { token, instance, conversation, after } = this.#options
    const resume = [{ conversation, after }]
    this.#socket.send(JSON.stringify({ type: 'hello', token, versions: VERSIONS, instance, connection: 1, resume }))
  }

  #send(body: ClientCommand): void {
    const { conversation, instance } = this.#options
    this.#sent += 1
    const n = this.#sent
    const key = `${instance}-${n}`
    const floor = n - this.#sentMs.size
    this.#sentMs.set(key, this.#clock.monotonicMs())
    this.#socket.send(JSON.stringify({ type: 'send', conversation, key, n, floor, body }))
  }

  #heard(text: string): void {
    const now = this.#clock.monotonicMs()
    if (text.startsWith(EVENTS)) this.#delivered(text, now)
    else if (text.startsWith(ACK)) this.#acknowledged(text, now)
    else if (text.startsWith('{"type":"ping"')) this.#socket.send('{"type":"pong"}')
    else if (text.startsWith('{"type":"welcome"')) this.#welcome = true
    else if (text.startsWith('{"type":"refused"')) this.#options.tally.refused += 1
  }

  #delivered(text: string, now: number): void {
    const { deliveryMs } = this.#options.tally
    this.#given += 1
    for (let at = text.indexOf(STAMP); at >= 0; at = text.indexOf(STAMP, at + STAMP.length)) {
      const from = at + STAMP.length
      deliveryMs.push(now - Number(text.slice(from, text.indexOf('@', from))))
    }
  }

  #acknowledged(text: string, now: number): void {
    const name = '"key":"'
    const from = text.indexOf(name) + name.length
    const key = text.slice(from, text.indexOf('"', from))
    const sentMs = this.#sentMs.get(key)
    if (sentMs === undefined) return
    this.#sentMs.delete(key)
    this.#options.tally.ackMs.push(now - sentMs)
    this.#onAck()
  }
}
