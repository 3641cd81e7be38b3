import type { Seq } from '../base/ids.ts'
import { type ClientCommand, SUBPROTOCOL, VERSIONS } from '../protocol/client-frames.ts'
import type { Dialect, Place, Session, Wire } from './dialect.ts'

export const holdfastDialect: Dialect = {
  subprotocol: SUBPROTOCOL,
  url: (address) => address,
  session: (place, wire) => new HoldfastSession(place, wire),
}

/** No log grows so long: whoever is attached from here on is given nothing. */
const BEYOND = 1_000_000_000
const EVENTS = '{"type":"events"'
const ACK = '{"type":"ack"'
const REFUSED = '{"type":"refused"'
const SEQ = '"seq":'
const KEY = '"key":"'
const JOIN = 1

class HoldfastSession implements Session {
  readonly #place: Place
  readonly #wire: Wire
  #connection = 0
  #after: Seq
  /** It has once been given its room; from then on a welcome is enough. */
  #settled = false

  constructor(place: Place, wire: Wire) {
    this.#place = place
    this.#wire = wire
    this.#after = place.part === 'idle' ? BEYOND : 0
    this.#settled = place.part === 'idle'
  }

  opened(): void {
    const { conversation, token, instance } = this.#place
    this.#connection += 1
    const resume = [{ conversation, after: this.#after }]
    const hello = { type: 'hello', token, versions: VERSIONS, instance, connection: this.#connection, resume }
    this.#wire.send(JSON.stringify(hello))
  }

  heard(frame: string): void {
    if (frame.startsWith(EVENTS)) this.#given(frame)
    else if (frame.startsWith(ACK)) this.#acknowledged(keyNumber(frame))
    else if (frame.startsWith('{"type":"ping"')) this.#wire.send('{"type":"pong"}')
    else if (frame.startsWith('{"type":"welcome"')) {
      if (this.#settled) this.#wire.ready()
    } else if (frame.startsWith(REFUSED))
      this.#wire.refused(frame.includes('"definite":false') && frame.includes(KEY) ? keyNumber(frame) : undefined)
  }

  say(n: number, text: string, floor: number): void {
    this.#send(n, floor, { type: 'message', format: 'text', text })
  }

  #given(frame: string): void {
    // The last event's number; texts of raw clients have no quotation marks.
    this.#after = Number.parseInt(frame.slice(frame.lastIndexOf(SEQ) + SEQ.length), 10)
    this.#wire.given(frame)
    if (this.#settled) return
    if (this.#place.part === 'agent') return this.#send(JOIN, JOIN, { type: 'join' })
    this.#settled = true
    this.#wire.ready()
  }

  #acknowledged(n: number): void {
    if (this.#place.part !== 'agent') return this.#wire.acknowledged(n)
    if (this.#settled) return
    this.#settled = true
    this.#wire.ready()
  }

  #send(n: number, floor: number, body: ClientCommand): void {
    const { conversation, instance } = this.#place
    this.#wire.send(JSON.stringify({ type: 'send', conversation, key: `${instance}-${n}`, n, floor, body }))
  }
}

function keyNumber(frame: string): number {
  const from = frame.indexOf(KEY) + KEY.length
  const key = frame.slice(from, frame.indexOf('"', from))
  return Number(key.slice(key.lastIndexOf('-') + 1))
}
