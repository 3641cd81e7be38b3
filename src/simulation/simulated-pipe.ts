import type { Timeline } from './simulated-clock.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { SimulatedWires } from './simulated-wires.ts'

/** What a pipe carries: bytes between nodes, text between clients and edges. */
export type Payload = Uint8Array | string

/** Where one end of a pipe gives what arrives. `closed` is the last call. */
export interface PipeListener {
  arrived(payload: Payload): void
  closed(code: number, reason: string): void
}

type Parcel = { readonly payload: Payload; readonly bytes: number } | { readonly code: number; readonly reason: string }

// A kernel that gets no acknowledgement gives a connection up after a while; short here, so that it happens in a run.
const GIVE_UP_MS = 15_000
const LOST = 1006

/**
 * One connection between two processes, as TCP behaves: in order, once, with bytes that pile up while the wire is cut
 * or the peer does not read, a reset when the peer's process has died, and silence when its machine has.
 */
export class SimulatedPipe {
  readonly near: PipeEnd
  readonly far: PipeEnd
  readonly #wires: SimulatedWires
  readonly #forgetMended: () => void

  constructor(
    ports: { timeline: Timeline; wires: SimulatedWires },
    near: { process: SimulatedProcess; host: string },
    far: { process: SimulatedProcess; host: string },
    what: string,
  ) {
    this.#wires = ports.wires
    this.near = new PipeEnd(ports, near, what, () => this.far)
    this.far = new PipeEnd(ports, far, what, () => this.near)
    this.#forgetMended = ports.wires.onMended(() => {
      this.near.flush()
      this.far.flush()
      if (this.#over()) this.#forgetMended()
    })
  }

  /** From now on nothing arrives on either side, and nobody is told: a forgotten entry in a middle box. */
  goSilent(): void {
    this.near.silent = true
    this.far.silent = true
  }

  /** Both sides learn that the connection broke. */
  cut(reason: string): void {
    this.near.breakOff(reason)
    this.far.breakOff(reason)
  }

  get open(): boolean {
    return !this.#over()
  }

  #over(): boolean {
    return this.near.over && this.far.over
  }
}

/** One side of a pipe. */
export class PipeEnd {
  readonly process: SimulatedProcess
  readonly host: string
  /** The machine of this end is gone, or the path is: nothing arrives here any more and nobody says so. */
  silent = false
  over = false
  listener: PipeListener | undefined
  readonly #ports: { timeline: Timeline; wires: SimulatedWires }
  readonly #what: string
  readonly #other: () => PipeEnd
  #waiting: Parcel[] = []
  #lastArrivalMs = 0
  #queuedBytes = 0
  #sentClose = false
  #stuckSinceMs: number | undefined

  constructor(
    ports: { timeline: Timeline; wires: SimulatedWires },
    side: { process: SimulatedProcess; host: string },
    what: string,
    other: () => PipeEnd,
  ) {
    this.#ports = ports
    this.process = side.process
    this.host = side.host
    this.#what = what
    this.#other = other
  }

  /** Bytes sent here and not yet taken by the other process. */
  get queuedBytes(): number {
    return this.#queuedBytes
  }

  send(payload: Payload): void {
    if (this.over || this.#sentClose || !this.process.alive) return
    const bytes = payload.length
    this.#queuedBytes += bytes
    this.#give({ payload, bytes })
  }

  /** Ends the connection from this side; the other side learns it when the wire lets it. */
  close(code: number, reason: string): void {
    if (this.over || this.#sentClose || !this.process.alive) return
    this.#sentClose = true
    this.#give({ code, reason })
    this.process.deliver(0, 'input', `${this.#what} closed`, () => this.#end(code, reason))
  }

  /** The process at this end is gone: its kernel says so to the other side, unless its machine is gone, too. */
  died(machineGone: boolean): void {
    if (this.over) return
    this.over = true
    this.#waiting = []
    if (machineGone) this.silent = true
    else this.#give({ code: LOST, reason: 'reset by peer' })
  }

  /** This side learns that the connection broke, without having asked. */
  breakOff(reason: string): void {
    this.#waiting = []
    if (!this.over) this.process.deliver(0, 'input', `${this.#what} broke: ${reason}`, () => this.#end(LOST, reason))
  }

  /** Nothing that is sent from here arrives before `ms`: the other side does not know the connection yet. */
  holdUntil(ms: number): void {
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, ms)
  }

  /** Sends on what a cut held back. */
  flush(): void {
    if (this.#isBlocked()) return
    this.#stuckSinceMs = undefined
    const waiting = this.#waiting
    this.#waiting = []
    for (const parcel of waiting) this.#give(parcel)
  }

  #isBlocked(): boolean {
    const other = this.#other()
    return other.silent || this.#ports.wires.isCut(this.host, other.host)
  }

  #give(parcel: Parcel): void {
    const other = this.#other()
    if (this.#isBlocked()) {
      this.#waiting.push(parcel)
      this.#armGivingUp()
      return
    }
    const { timeline, wires } = this.#ports
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, wires.arrivalMs())
    const delayMs = this.#lastArrivalMs - timeline.now()
    if (!other.process.alive) {
      this.process.deliver(delayMs, 'input', `${this.#what} reset`, () => this.#end(LOST, 'reset by peer'))
      return
    }
    const what = 'payload' in parcel ? `${this.#what} ${parcel.bytes} B` : `${this.#what} close ${parcel.code}`
    other.process.deliver(delayMs, 'input', what, () => this.#arrive(other, parcel))
  }

  #arrive(other: PipeEnd, parcel: Parcel): void {
    if (!('payload' in parcel)) return other.#end(parcel.code, parcel.reason)
    this.#queuedBytes -= parcel.bytes
    if (!other.over && !other.silent && !other.#sentClose) other.listener?.arrived(parcel.payload)
  }

  #armGivingUp(): void {
    if (this.#stuckSinceMs !== undefined) return
    const since = this.#ports.timeline.now()
    this.#stuckSinceMs = since
    this.process.deliver(GIVE_UP_MS, 'timer', `${this.#what} gives up`, () => {
      if (this.#stuckSinceMs === since) this.#end(LOST, 'timed out')
    })
  }

  #end(code: number, reason: string): void {
    if (this.over) return
    this.over = true
    this.#waiting = this.#waiting.filter((parcel) => !('payload' in parcel))
    this.listener?.closed(code, reason)
  }
}
