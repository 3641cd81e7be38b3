import type { Dialect, Place, Session, Wire } from './dialect.ts'

/** Socket.IO 4 (protocol 5 over Engine.IO 4), as `bench/peers/socketio-server.js` expects it. */
export const socketioDialect: Dialect = {
  subprotocol: null,
  url: (address) => `${address}/socket.io/?EIO=4&transport=websocket`,
  session: (place, wire) => new SocketioSession(place, wire),
}

class SocketioSession implements Session {
  readonly #place: Place
  readonly #wire: Wire
  #pid: string | undefined
  /** The last frame of words, and the last one with an offset, which broadcasts alone have: read only when needed. */
  #lastFrame: string | undefined
  #lastBroadcast: string | undefined

  constructor(place: Place, wire: Wire) {
    this.#place = place
    this.#wire = wire
  }

  /** The server speaks first. */
  opened(): void {}

  heard(frame: string): void {
    if (frame.startsWith('42')) {
      this.#lastFrame = frame
      if (frame.endsWith('"]')) this.#lastBroadcast = frame
      this.#wire.given(frame)
    } else if (frame.startsWith('43')) this.#wire.acknowledged(Number.parseInt(frame.slice(2), 10))
    else if (frame.startsWith('40')) {
      this.#pid = JSON.parse(frame.slice(2)).pid
      this.#wire.ready()
    } else if (frame.startsWith('0')) this.#wire.send(`40${JSON.stringify(this.#credentials())}`)
    else if (frame === '2') this.#wire.send('3')
  }

  say(n: number, text: string): void {
    this.#wire.send(`42${n}${JSON.stringify(['message', `${this.#place.instance}-${n}`, text])}`)
  }

  /** What Socket.IO's client sends for connection-state recovery, and what its tutorial adds for catching up. */
  #credentials(): object {
    const { conversation: room, sender: member } = this.#place
    const seat = { room, member, serverOffset: argumentsOf(this.#lastFrame)?.at(1)?.id ?? 0 }
    if (this.#pid === undefined) return { room, member }
    return { ...seat, pid: this.#pid, offset: argumentsOf(this.#lastBroadcast)?.at(2) }
  }
}

const argumentsOf = (frame: string | undefined) => (frame === undefined ? undefined : JSON.parse(frame.slice(2)))
