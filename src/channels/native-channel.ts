import { type Cancel, every } from '../base/clock.ts'
import type { CloseCode } from '../protocol/close-codes.ts'
import type { ClientSocket, ClientSocketHandlers } from './client-socket.ts'
import { NativeSession, type SessionSurroundings } from './native-session.ts'
import type { NativeChannelPorts, NativeChannelSettings } from './native-settings.ts'
import { TokenCheck } from './token-check.ts'

// Half of the heartbeat: a silent socket is found at most so much late.
const SWEEPS_PER_HEARTBEAT = 2

/** The native protocol of this node: all its client sockets. */
export class NativeChannel {
  readonly #around: SessionSurroundings
  readonly #sessions = new Set<NativeSession>()
  /** The newest socket of each page load, by subject and instance. */
  readonly #newest = new Map<string, NativeSession>()
  readonly #dirty = new Set<NativeSession>()
  readonly #cancelSweep: Cancel

  constructor(ports: NativeChannelPorts, settings: NativeChannelSettings) {
    this.#around = {
      ...ports,
      settings,
      tokenCheck: new TokenCheck(ports),
      greeted: (session) => this.#greeted(session),
      dirty: (session) => this.#makeDirty(session),
      over: (session) => this.#over(session),
    }
    this.#cancelSweep = every(ports.clock, settings.heartbeatMs / SWEEPS_PER_HEARTBEAT, () => {
      for (const session of this.#sessions) session.checkHeartbeat()
    })
  }

  /** A socket was opened; what it brings goes to the answer. */
  accept(socket: ClientSocket): ClientSocketHandlers {
    const session = new NativeSession(this.#around, socket)
    this.#sessions.add(session)
    this.#countSockets()
    return {
      message: (text) => session.message(text),
      closed: () => session.closed(),
    }
  }

  /** Client sockets that are open now. */
  get sockets(): number {
    return this.#sessions.size
  }

  /** Asks everybody who is here to go elsewhere within `withinMs`, best to `hint`; each picks its own moment. */
  goaway(withinMs: number, hint?: string): void {
    for (const session of this.#sessions)
      session.goaway({ type: 'goaway', withinMs, ...(hint !== undefined && { hint }) })
  }

  /** Closes all sockets, as the node does when it stops. */
  stop(code: CloseCode, reason: string): void {
    this.#cancelSweep()
    for (const session of this.#sessions) session.close(code, reason)
  }

  /** One page load has one socket: an older one gives way to a newer one, and never the other way round. */
  #greeted(session: NativeSession): boolean {
    const { pageLoad } = session
    const other = this.#newest.get(pageLoad)
    if (other && other.connection > session.connection) return false
    this.#newest.set(pageLoad, session)
    other?.close(4409, 'a later socket of this page load took over')
    return true
  }

  /** Everything that one tick brings to a client leaves together: one frame a conversation, one write a socket. */
  #makeDirty(session: NativeSession): void {
    if (this.#dirty.size === 0) this.#around.clock.after(0, () => this.#flush())
    this.#dirty.add(session)
  }

  #flush(): void {
    const sessions = [...this.#dirty]
    this.#dirty.clear()
    for (const session of sessions) session.flush()
  }

  #over(session: NativeSession): void {
    this.#sessions.delete(session)
    this.#dirty.delete(session)
    if (this.#newest.get(session.pageLoad) === session) this.#newest.delete(session.pageLoad)
    this.#countSockets()
  }

  #countSockets(): void {
    this.#around.metrics.gauge('sockets', this.#sessions.size)
  }
}

/** Builds the channel of a node. */
export function createNativeChannel(
  options: NativeChannelPorts & { readonly settings: NativeChannelSettings },
): NativeChannel {
  const { settings, ...ports } = options
  return new NativeChannel(ports, settings)
}
