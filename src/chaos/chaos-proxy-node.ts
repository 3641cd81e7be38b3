import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Lane } from './lane-node.ts'
import type { Treatments } from './treatment.ts'
import type { Wire } from './wires.ts'

interface ChaosProxyOptions {
  /** Where it passes connections on to. */
  readonly target: { readonly host: string; readonly port: number }
  /** Who made the connection that comes from this port of this machine; asked once, when it comes in. */
  readonly callerAt?: (port: number) => string | undefined
}

/** Whether a connection belongs to a wire, by who made it. */
type Selects = (caller: string | undefined) => boolean

/** What holds for all connections that are selected, those to come included. */
interface Rule {
  readonly selects: Selects
  treatments: Treatments
}

const HOST = '127.0.0.1'
const LOOK_AGAIN_MS = 20

/** A TCP proxy on this machine that does to connections what networks do: late, silent, half-open, cut. */
export class ChaosProxy {
  readonly #options: ChaosProxyOptions
  readonly #server: Server
  readonly #connections = new Set<ProxiedConnection>()
  readonly #rules: Rule[] = []
  #stopped = false

  private constructor(options: ChaosProxyOptions) {
    this.#options = options
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true })
    this.#server.on('connection', (socket) => this.#accepted(socket))
  }

  /** Listens on a free port of the loopback address. */
  static async start(options: ChaosProxyOptions): Promise<ChaosProxy> {
    const proxy = new ChaosProxy(options)
    await once(proxy.#server.listen(0, HOST), 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** The connections that `selects` picks; absent: all. `forth` is from who connects to the target. */
  wire(selects: Selects = () => true): Wire {
    const rule: Rule = { selects, treatments: {} }
    const selected = () => [...this.#connections].filter(({ caller }) => selects(caller))
    const proxy = this
    return {
      get connections() {
        return selected().filter(({ open }) => open).length
      },
      treat(treatments) {
        rule.treatments = treatments
        proxy.#forget(rule)
        proxy.#rules.push(rule)
        for (const connection of selected()) connection.treat(treatments)
      },
      heal() {
        proxy.#forget(rule)
        for (const connection of selected()) connection.treat({})
      },
      cut() {
        for (const connection of selected()) connection.cut()
      },
    }
  }

  /** Refuses calls, as the machine of a dead process does, until the target, which dies just now, takes some again. */
  async refuseUntilBack(): Promise<void> {
    const { port } = this
    this.#server.close()
    for (const wanted of [false, true])
      while (!this.#stopped && (await takesCalls(this.#options.target)) !== wanted) await sleep(LOOK_AGAIN_MS)
    if (!this.#stopped) this.#server.listen(port, HOST)
  }

  /** Ends it, and every connection that goes through it. */
  async stop(): Promise<void> {
    this.#stopped = true
    const closed = this.#server.listening ? once(this.#server, 'close') : undefined
    this.#server.close()
    for (const connection of this.#connections) connection.cut()
    await closed
  }

  #accepted(socket: Socket): void {
    const { target, callerAt } = this.#options
    const caller = callerAt?.(socket.remotePort ?? 0)
    const connection = new ProxiedConnection(socket, { ...target, caller }, () => this.#connections.delete(connection))
    this.#connections.add(connection)
    connection.treat(this.#rules.findLast(({ selects }) => selects(caller))?.treatments ?? {})
  }

  #forget(rule: Rule): void {
    const index = this.#rules.indexOf(rule)
    if (index >= 0) this.#rules.splice(index, 1)
  }
}

async function takesCalls(target: { readonly host: string; readonly port: number }): Promise<boolean> {
  const socket = connect(target)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** One connection: a socket from who called, and one to the target as soon as his call may go through. */
class ProxiedConnection {
  readonly caller: string | undefined
  readonly #near: Socket
  readonly #target: { readonly host: string; readonly port: number }
  readonly #over: () => void
  #far: { readonly socket: Socket; readonly forth: Lane; readonly back: Lane } | undefined

  constructor(
    near: Socket,
    { caller, ...target }: { host: string; port: number; caller: string | undefined },
    over: () => void,
  ) {
    this.caller = caller
    this.#near = near
    this.#target = target
    this.#over = over
    near.on('error', () => {})
    near.once('close', () => this.#closed())
  }

  treat(treatments: Treatments): void {
    const { forth = { kind: 'pass' }, back = { kind: 'pass' } } = treatments
    // A call into silence reaches nobody before the silence ends; what waits in the socket goes with it then.
    if (!this.#far && forth.kind !== 'hold' && forth.kind !== 'swallow') this.#connect()
    this.#far?.forth.treat(forth)
    this.#far?.back.treat(back)
  }

  /** Neither end has gone. */
  get open(): boolean {
    return !this.#near.destroyed && this.#far?.socket.destroyed !== true
  }

  /** Resets both ends. */
  cut(): void {
    this.#near.resetAndDestroy()
    this.#far?.socket.resetAndDestroy()
  }

  #connect(): void {
    if (this.#near.destroyed) return
    const socket = connect({ ...this.#target, allowHalfOpen: true, noDelay: true })
    socket.on('error', () => {})
    socket.once('close', () => this.#closed())
    const handlers = { cut: () => this.cut() }
    this.#far = {
      socket,
      forth: new Lane(this.#near, socket, handlers),
      back: new Lane(socket, this.#near, handlers),
    }
  }

  #closed(): void {
    if (!this.#near.destroyed || this.#far?.socket.destroyed === false) return
    this.#far?.forth.stop()
    this.#far?.back.stop()
    this.#over()
  }
}
