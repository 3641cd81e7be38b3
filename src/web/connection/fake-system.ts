import { idFromBits } from '../../base/ids.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import type { ClientFrame, ServerFrame } from '../../protocol/client-frames.ts'
import { Connection, type ConnectionOptions } from './connection-driver.ts'
import type { ConnectionPorts, ConnectionSocketHandlers } from './ports.ts'

type FrameOf<Type extends ClientFrame['type']> = Extract<ClientFrame, { type: Type }>
type Welcome = Extract<ServerFrame, { type: 'welcome' }>

export const HEARTBEAT_MS = 10_000

/** A socket as its server sees it. */
export class FakeSocket {
  readonly url: string
  readonly frames: ClientFrame[] = []
  /** The client closed it. */
  closed = false
  readonly #handlers: ConnectionSocketHandlers
  #opened = false

  constructor(url: string, handlers: ConnectionSocketHandlers) {
    this.url = url
    this.#handlers = handlers
  }

  open(): void {
    if (!this.#opened) this.#handlers.opened()
    this.#opened = true
  }

  say(frame: ServerFrame): void {
    this.sayText(JSON.stringify(frame))
  }

  sayText(text: string): void {
    this.#handlers.message(text)
  }

  drop(code = 1006): void {
    this.#handlers.closed(code)
  }

  welcome(more: Partial<Welcome> = {}): this {
    this.open()
    const limits = { frameBytes: 65_536, textLength: 16_000 }
    this.say({ type: 'welcome', node: 'n', version: 1, heartbeatMs: HEARTBEAT_MS, limits, addresses: [], ...more })
    return this
  }

  of<Type extends ClientFrame['type']>(type: Type): FrameOf<Type>[] {
    return this.frames.filter((frame): frame is FrameOf<Type> => frame.type === type)
  }

  /** `n` and `floor` of all that was sent, in order. */
  get numbers(): string[] {
    return this.of('send').map(({ n, floor }) => `${n}/${floor}`)
  }
}

/** Everything around a connection, in the hands of a test. */
export class FakeSystem {
  readonly clock = new ManualClock()
  readonly sockets: FakeSocket[] = []
  readonly saved: { text?: string }
  fraction = 0.5
  readonly onWake = new Set<() => void>()
  tokensAsked = 0
  token: () => Promise<string> = () => Promise.resolve(`token-${this.tokensAsked}`)
  /** Such addresses are refused by the browser itself. */
  forbidden: readonly string[] = []
  #ids: number

  /** `saved`: what an earlier page load left; a copy of it is another tab. */
  constructor(saved: { text?: string } = {}, firstId = 1) {
    this.saved = saved
    this.#ids = firstId
  }

  get ports(): ConnectionPorts {
    return {
      clock: this.clock,
      random: { fraction: () => this.fraction, id: () => idFromBits(BigInt(this.#ids++)) },
      openSocket: (url, handlers) => {
        if (this.forbidden.includes(url)) throw new SyntaxError('no such address')
        const socket = new FakeSocket(url, handlers)
        this.sockets.push(socket)
        return {
          send: (text) => void socket.frames.push(JSON.parse(text)),
          close: () => {
            socket.closed = true
            handlers.closed(1006)
          },
        }
      },
      onWake: (listener) => {
        this.onWake.add(listener)
        return () => this.onWake.delete(listener)
      },
      storage: {
        load: () => this.saved.text,
        save: (text) => {
          this.saved.text = text
        },
      },
    }
  }

  /** The page comes back from sleep, or the network from an outage. */
  wake(): void {
    for (const listener of this.onWake) listener()
  }

  /** A connection that has asked for its first socket. */
  async connect(options: Partial<ConnectionOptions> = {}): Promise<Connection> {
    const connection = this.connection(options)
    connection.start()
    await this.settle()
    return connection
  }

  connection(options: Partial<ConnectionOptions> = {}): Connection {
    const token = () => {
      this.tokensAsked += 1
      return this.token()
    }
    return new Connection(this.ports, { addresses: ['wss://a'], token, ...options })
  }

  /** The newest socket. */
  get socket(): FakeSocket {
    const socket = this.sockets.at(-1)
    if (!socket) throw new Error('the connection has not asked for a socket')
    return socket
  }

  settle(): Promise<void> {
    return this.clock.advance(0)
  }
}
