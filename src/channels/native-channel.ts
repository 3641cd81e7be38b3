import { type Cancel, type Clock, every } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import type { Random } from '../base/random.ts'
import type { Mode } from '../conversation/event.ts'
import type { CloseCode } from '../protocol/close-codes.ts'
import type { ConversationPort } from '../protocol/conversation-port.ts'
import type { Tokens } from '../protocol/tokens.ts'
import type { ClientSocket, ClientSocketHandlers } from './client-socket.ts'
import { NativeSession } from './native-session.ts'

export interface NativeChannelSettings {
  readonly node: string
  readonly heartbeatMs: number
  readonly frameBytes: number
  readonly textLength: number
  /** Bytes that a client may leave untaken before its socket is closed; it resumes from its last event. */
  readonly sendQueueBytes: number
  readonly messagesPerSecond: number
  /** The first frame must be there by then. */
  readonly helloWithinMs: number
  /** How a visitor's conversation opens. */
  readonly mode: Mode
  /** Other addresses of the system, `wss://...`, for the client's list. */
  addresses(): readonly string[]
}

export const NATIVE_CHANNEL_DEFAULTS = {
  heartbeatMs: 10_000,
  frameBytes: 65_536,
  textLength: 16_000,
  sendQueueBytes: 1024 * 1024,
  messagesPerSecond: 20,
  helloWithinMs: 5000,
  mode: 'live',
} as const satisfies Partial<NativeChannelSettings>

export interface NativeChannelPorts {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics: Metrics
  readonly tokens: Tokens
  readonly conversations: ConversationPort
}

// Half of the heartbeat: a silent socket is found at most so much late.
const SWEEPS_PER_HEARTBEAT = 2

/** The native protocol of this node: all its client sockets. */
export class NativeChannel {
  readonly #ports: NativeChannelPorts
  readonly #settings: NativeChannelSettings
  readonly #sessions = new Set<NativeSession>()
  /** The newest socket of each page load, by subject and instance. */
  readonly #newest = new Map<string, NativeSession>()
  readonly #cancelSweep: Cancel

  constructor(ports: NativeChannelPorts, settings: NativeChannelSettings) {
    this.#ports = ports
    this.#settings = settings
    this.#cancelSweep = every(ports.clock, settings.heartbeatMs / SWEEPS_PER_HEARTBEAT, () => {
      for (const session of [...this.#sessions]) session.checkHeartbeat()
    })
  }

  accept(socket: ClientSocket): ClientSocketHandlers {
    const session: NativeSession = new NativeSession(this.#ports, this.#settings, socket, {
      greeted: () => this.#greeted(session),
      over: () => this.#over(session),
    })
    this.#sessions.add(session)
    this.#ports.metrics.gauge('sockets', this.#sessions.size)
    return {
      message: (text) => session.message(text),
      closed: () => session.closed(),
    }
  }

  get sockets(): number {
    return this.#sessions.size
  }

  /** Asks every client to go elsewhere within `withinMs`; each picks its own moment. */
  goaway(withinMs: number, hint?: string): void {
    for (const session of this.#sessions)
      session.send({ type: 'goaway', withinMs, ...(hint !== undefined && { hint }) })
  }

  /** Closes all sockets, as the node does when it stops. */
  stop(code: CloseCode, reason: string): void {
    this.#cancelSweep()
    for (const session of [...this.#sessions]) session.close(code, reason)
  }

  /** One page load has one socket: an older one gives way to a newer one, and never the other way round. */
  #greeted(session: NativeSession): boolean {
    const { pageLoad } = session
    const other = this.#newest.get(pageLoad)
    if (other && other.connection > session.connection) return false
    this.#newest.set(pageLoad, session)
    if (other && other !== session) other.close(4409, 'a later socket of this page load took over')
    return true
  }

  #over(session: NativeSession): void {
    this.#sessions.delete(session)
    if (this.#newest.get(session.pageLoad) === session) this.#newest.delete(session.pageLoad)
    this.#ports.metrics.gauge('sockets', this.#sessions.size)
  }
}

/** Builds the channel; it does nothing before its first socket. */
export function createNativeChannel(
  options: NativeChannelPorts & { readonly settings: NativeChannelSettings },
): NativeChannel {
  const { settings, ...ports } = options
  return new NativeChannel(ports, settings)
}
