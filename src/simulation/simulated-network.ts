import type { Owner } from '../base/ids.ts'
import { PACK_BYTES_MAX } from '../cluster/link-outbox.ts'
import { ConnectFailure, type Link, type LinkHandlers, type Network } from '../cluster/network.ts'
import { RELAY_HOST_LIMITS } from '../cluster/relay-host.ts'
import type { Observation } from './observation.ts'
import { RelayTap } from './relay-tap.ts'
import type { Timeline } from './simulated-clock.ts'
import { type PipeEnd, SimulatedPipe } from './simulated-pipe.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { SimulatedWires } from './simulated-wires.ts'

/** How long a connection attempt into nothing takes to fail. */
const CONNECT_PATIENCE_MS = 500
const LINK_CLOSE = 1000
/** What a node may leave in a link: its bound, and the pack that crossed it. */
const QUEUED_BYTES_MAX = RELAY_HOST_LIMITS.queuedBytesMax + PACK_BYTES_MAX

/** A process that can be connected to, at its address. */
export interface Door<Guest> {
  readonly process: SimulatedProcess
  readonly host: string
  /** What listens there; the far end of a new pipe is given to it. `guest` says who comes. */
  readonly accept: (end: PipeEnd, guest: Guest) => void
  /** Who says to be there, asked when a guest comes. */
  readonly greeting: () => Guest
}

/**
 * Addresses, and the pipes between processes. Node links and client sockets are both made here; each kind of guest has
 * its own instance over the same wires.
 */
export class SimulatedDoors<Guest> {
  readonly #ports: { timeline: Timeline; wires: SimulatedWires }
  readonly #what: string
  readonly #doors = new Map<string, Door<Guest>>()
  readonly #machinesGone = new Set<string>()
  #pipes: SimulatedPipe[] = []

  constructor(ports: { timeline: Timeline; wires: SimulatedWires }, what: string) {
    this.#ports = ports
    this.#what = what
  }

  open(address: string, door: Door<Guest>): void {
    this.#doors.set(address, door)
    this.#machinesGone.delete(door.host)
  }

  /** All connections of a dead process end; with its machine gone nobody is told. */
  died(process: SimulatedProcess, host: string, machineGone: boolean): void {
    if (machineGone) this.#machinesGone.add(host)
    for (const end of this.ends()) if (end.process === process) end.died(machineGone)
  }

  /** Every pipe that is still open, oldest first. */
  pipes(): readonly SimulatedPipe[] {
    this.#pipes = this.#pipes.filter(({ open }) => open)
    return this.#pipes
  }

  ends(): readonly PipeEnd[] {
    return this.pipes().flatMap(({ near, far }) => [near, far])
  }

  /** Makes a pipe from `process` to whatever listens at `address`; `listener` is in place before anything arrives. */
  connect(
    caller: { process: SimulatedProcess; host: string },
    address: string,
    guest: Guest,
    toHost: string,
  ): Promise<{ readonly end: PipeEnd; readonly greeting: Guest }> {
    const { timeline, wires } = this.#ports
    const { process, host } = caller
    return new Promise((resolve, reject) => {
      const fail = (kind: 'refused' | 'unreachable', delayMs: number) =>
        process.deliver(delayMs, 'input', `${this.#what} ${address} ${kind}`, () =>
          reject(new ConnectFailure(kind, `${address} is ${kind}`)),
        )
      if (this.#machinesGone.has(toHost) || wires.isCut(host, toHost) || wires.isCut(toHost, host)) {
        fail('unreachable', CONNECT_PATIENCE_MS)
        return
      }
      const delayMs = wires.arrivalMs() - timeline.now()
      const door = this.#doors.get(address)
      if (!door?.process.alive) {
        fail('refused', 2 * delayMs)
        return
      }
      // The kernel accepts for a paused process, which finds the connection when it wakes.
      const pipe = new SimulatedPipe(this.#ports, caller, door, `${this.#what} ${host}-${toHost}`)
      this.#pipes.push(pipe)
      pipe.far.holdUntil(timeline.now() + 2 * delayMs)
      door.process.deliver(delayMs, 'input', `${this.#what} from ${host}`, () => door.accept(pipe.far, guest))
      process.deliver(2 * delayMs, 'input', `${this.#what} to ${toHost}`, () =>
        resolve({ end: pipe.near, greeting: door.greeting() }),
      )
    })
  }
}

/** One node's place in the network. */
export interface NetworkSeat {
  readonly process: SimulatedProcess
  readonly host: string
  readonly address: string
  readonly self: () => Owner
  readonly see: (observation: Observation) => void
}

/** The `Network` of one node: links over simulated pipes, with its peers' names known as certificates make them. */
export function simulatedNetwork(doors: SimulatedDoors<Owner>, seat: NetworkSeat): Network {
  return {
    async connect(to, handlers) {
      const { end, greeting } = await doors.connect(seat, to.relayAddress, seat.self(), to.node)
      if (greeting.incarnation === to.incarnation) return linkOver(end, to, handlers, seat)
      end.close(LINK_CLOSE, 'wrong peer')
      throw new ConnectFailure('wrong-peer', `${to.relayAddress} is another incarnation now`)
    },
    listen(accepted, handlers) {
      doors.open(seat.address, {
        process: seat.process,
        host: seat.host,
        greeting: seat.self,
        accept: (end, guest) => accepted(linkOver(end, guest, handlers, seat)),
      })
    },
  }
}

function linkOver(end: PipeEnd, peer: Owner, handlers: LinkHandlers, seat: NetworkSeat): Link {
  const tap = new RelayTap(seat.self, seat.see)
  const link: Link = {
    peer: { node: peer.node, incarnation: peer.incarnation },
    get queuedBytes() {
      return end.queuedBytes
    },
    send: (frame) => {
      tap.said(frame)
      end.send(frame)
      seat.see({
        kind: 'queued',
        where: `the link from ${seat.host} to ${peer.node}`,
        bytes: end.queuedBytes,
        bytesMax: QUEUED_BYTES_MAX,
      })
    },
    close: (reason) => end.close(LINK_CLOSE, reason),
  }
  end.listener = {
    arrived: (payload) => {
      if (typeof payload === 'string') return
      tap.heard(payload)
      handlers.frame(link, payload)
    },
    closed: (_code, reason) => handlers.closed(link, reason),
  }
  return link
}
