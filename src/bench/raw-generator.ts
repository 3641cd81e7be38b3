import { type Cancel, pause } from '../base/clock.ts'
import type { ConversationId } from '../base/ids.ts'
import type { ConnectionPorts } from '../web/connection/ports.ts'
import type { Dialect, Place } from './dialect.ts'
import type { Seat } from './load-generator.ts'
import { emptyTally, RawClient, type RawClientOptions, type RawTally } from './raw-client.ts'
import { waitUntil } from './wait-until.ts'

/** A conversation of one visitor, who speaks, and agents, who listen. */
export interface Room {
  readonly conversation: ConversationId
  readonly visitor: Seat
  readonly agents: readonly Seat[]
}

export interface RawGeneratorOptions {
  readonly ports: ConnectionPorts
  readonly dialect: Dialect
  readonly addresses: readonly string[]
  readonly rooms: readonly Room[]
  readonly textLength: number
  /** What happens to clients on the way: see `RawClientOptions`. */
  readonly returns?: boolean
  readonly remembers?: boolean
  /** At the end of a phase what is missing is waited for, until nothing has come for so long. */
  readonly patienceMs?: number
}

/** What came of a time of talking. */
export interface RawPhase {
  /** Of all that was said in that time: what came of it only later, too. */
  readonly tally: RawTally
  readonly ms: number
  /** Within `ms`. */
  readonly acknowledgedInTime: number
  readonly deliveredInTime: number
  /** Everything said was acknowledged; everybody was given every word of their room, each once, and nothing else. */
  readonly complete: boolean
}

const PATIENCE_MS = 30_000
const POLL_MS = 20
const SAY_PATIENCE_MS = 300_000
const SAY_UNANSWERED = 8

/** Raw clients in rooms: so many listeners for each word, one process, one clock. */
export class RawGenerator {
  readonly #options: RawGeneratorOptions
  readonly #visitors: RawClient[] = []
  readonly #agents: RawClient[] = []
  readonly #idle: RawClient[] = []
  #closedLoop = false

  constructor(options: RawGeneratorOptions) {
    this.#options = options
  }

  /** Clients by room, its visitor first. */
  get rooms(): readonly (readonly RawClient[])[] {
    const agents = this.#options.rooms[0]?.agents.length ?? 0
    return this.#visitors.map((visitor, index) => [
      visitor,
      ...this.#agents.slice(index * agents, (index + 1) * agents),
    ])
  }

  /** Visitors open their rooms, agents join. */
  async begin(): Promise<void> {
    const { rooms } = this.#options
    for (const [index, { conversation, visitor }] of rooms.entries()) {
      const client: RawClient = new RawClient({
        ...this.#seat({ conversation, ...visitor, part: 'visitor' }, index),
        onAck: () => {
          if (this.#closedLoop) client.speak()
        },
      })
      this.#visitors.push(client)
    }
    await this.#until('visitors were given their rooms', this.#visitors)
    for (const [index, { conversation, agents }] of rooms.entries())
      for (const [place, agent] of agents.entries())
        this.#agents.push(new RawClient(this.#seat({ conversation, ...agent, part: 'agent' }, index + place + 1)))
    await this.#until('agents joined', this.#agents)
  }

  /** `perSecond` messages in all, evenly, whatever the answers do. */
  async openLoop(perSecond: number, durationMs: number): Promise<RawPhase> {
    return this.#phase(durationMs, () => this.#pace(1000 / perSecond))
  }

  /** `unanswered` messages of each visitor at any time: as fast as it goes. */
  async closedLoop(durationMs: number, unanswered = 1): Promise<RawPhase> {
    return this.#phase(durationMs, () => {
      this.#closedLoop = true
      for (const visitor of this.#visitors) for (let each = 0; each < unanswered; each++) visitor.speak()
      return () => {
        this.#closedLoop = false
      }
    })
  }

  /** Every visitor says `count` words, as fast as it goes; resolves when all are answered. */
  async sayEach(count: number): Promise<void> {
    const left = new Map(this.#visitors.map((visitor) => [visitor, count]))
    const done = () => [...left].every(([visitor, more]) => more === 0 && visitor.unanswered === 0)
    const took = await waitUntil(this.#options.ports.clock, { patienceMs: SAY_PATIENCE_MS, everyMs: 2 }, () => {
      for (const [visitor, more] of left) {
        const now = Math.min(more, SAY_UNANSWERED - visitor.unanswered)
        for (let each = 0; each < now; each++) visitor.speak()
        left.set(visitor, more - Math.max(0, now))
      }
      return done()
    })
    if (took === undefined) throw new Error(`Visitors were not answered within ${SAY_PATIENCE_MS / 1000} s.`)
  }

  /** `count` more sockets of agents who look on and say nothing. */
  async addIdle(count: number, seat: Seat): Promise<void> {
    const { rooms } = this.#options
    for (let index = 0; index < count; index++) {
      const room = rooms[index % rooms.length]
      if (room) this.#idle.push(new RawClient(this.#seat({ ...room, ...seat, part: 'idle' }, index)))
      // All at once would measure the queue of the listening socket.
      if (index % 50 === 49) await pause(this.#options.ports.clock, 50)
    }
    await this.#until('idle connections were welcome', this.#idle)
  }

  dropIdle(): void {
    for (const client of this.#idle.splice(0)) client.leave()
  }

  stop(): void {
    this.dropIdle()
    for (const client of [...this.#visitors, ...this.#agents]) client.leave()
  }

  async #phase(durationMs: number, begin: () => Cancel): Promise<RawPhase> {
    const { clock } = this.#options.ports
    const tally = emptyTally()
    for (const client of [...this.#visitors, ...this.#agents]) client.count(tally)
    const startMs = clock.monotonicMs()
    const end = begin()
    await pause(clock, durationMs)
    end()
    const ms = clock.monotonicMs() - startMs
    const [acknowledgedInTime, deliveredInTime] = [tally.ackMs.length, tally.deliveryMs.length]
    const { rooms } = this
    const answered = () => this.#visitors.every(({ unanswered }) => unanswered === 0)
    await this.#untilDone(tally, () => answered() && rooms.every(hasEnough))
    return { tally, ms, acknowledgedInTime, deliveredInTime, complete: answered() && rooms.every(hasItsWords) }
  }

  async #untilDone(tally: RawTally, done: () => boolean): Promise<void> {
    const { ports, patienceMs = PATIENCE_MS } = this.#options
    const heard = () => tally.ackMs.length + tally.deliveryMs.length
    let last = { heard: heard(), atMs: ports.clock.monotonicMs() }
    for (;;) {
      if (done() || ports.clock.monotonicMs() - last.atMs > patienceMs) return
      await pause(ports.clock, POLL_MS)
      if (heard() > last.heard) last = { heard: heard(), atMs: ports.clock.monotonicMs() }
    }
  }

  /** Timers are coarse: each turn sends what has fallen due since the last one. */
  #pace(everyMs: number): Cancel {
    const { clock } = this.#options.ports
    const startMs = clock.monotonicMs()
    let sent = 0
    let cancel: Cancel = () => {}
    const turn = () => {
      for (; sent * everyMs <= clock.monotonicMs() - startMs; sent++)
        this.#visitors[sent % this.#visitors.length]?.speak(startMs + sent * everyMs)
      cancel = clock.after(Math.min(everyMs, 5), turn)
    }
    turn()
    return () => cancel()
  }

  #seat(place: Omit<Place, 'instance'>, index: number): RawClientOptions {
    const { ports, dialect, addresses, textLength, returns = false, remembers = false } = this.#options
    const shift = index % addresses.length
    return {
      ports,
      dialect,
      addresses: [...addresses.slice(shift), ...addresses.slice(0, shift)],
      place: { ...place, instance: ports.random.id() },
      textLength,
      returns,
      remembers,
      tally: emptyTally(),
    }
  }

  async #until(what: string, clients: readonly RawClient[]): Promise<void> {
    const took = await waitUntil(this.#options.ports.clock, { patienceMs: PATIENCE_MS }, () =>
      clients.every(({ ready }) => ready),
    )
    const late = clients.filter(({ ready }) => !ready).length
    if (took === undefined)
      throw new Error(`Not all ${what} within ${PATIENCE_MS / 1000} s: ${late} of ${clients.length} did not.`)
  }
}

/** Everybody in a room was given as many words as were said there. */
function hasEnough(room: readonly RawClient[]): boolean {
  const said = room[0]?.said
  return said !== undefined && room.every(({ given }) => given > said.to - said.from)
}

/** And exactly those. */
function hasItsWords(room: readonly RawClient[]): boolean {
  const said = room[0]?.said
  return said !== undefined && room.every((client) => client.wasGiven(said))
}
