import { type Cancel, pause } from '../base/clock.ts'
import type { ConversationId } from '../base/ids.ts'
import type { ConnectionPorts } from '../web/connection/ports.ts'
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
  readonly addresses: readonly string[]
  readonly rooms: readonly Room[]
  readonly textLength: number
}

/** What came of a time of talking. */
export interface RawPhase {
  readonly tally: RawTally
  readonly ms: number
  /** Everything said was acknowledged, and given to everybody in its room. */
  readonly complete: boolean
}

const PATIENCE_MS = 30_000
/** No log grows so long: whoever is attached from here on is given nothing. */
const BEYOND = 1_000_000_000

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

  /** Visitors open their rooms, agents join. */
  async begin(): Promise<void> {
    const { rooms } = this.#options
    for (const [index, { conversation, visitor }] of rooms.entries()) {
      const client: RawClient = new RawClient(this.#seat(conversation, visitor, index), () => {
        if (this.#closedLoop) client.speak()
      })
      this.#visitors.push(client)
    }
    await this.#until('visitors were given their rooms', () => this.#visitors.every(({ given }) => given > 0))
    for (const [index, { conversation, agents }] of rooms.entries())
      for (const [place, agent] of agents.entries())
        this.#agents.push(new RawClient(this.#seat(conversation, agent, index + place + 1)))
    await this.#until('agents were given their rooms', () => this.#agents.every(({ given }) => given > 0))
    for (const agent of this.#agents) agent.join()
    await this.#until('agents joined', () => this.#agents.every(({ unanswered }) => unanswered === 0))
  }

  /** `perSecond` messages in all, evenly, whatever the answers do. */
  async openLoop(perSecond: number, durationMs: number): Promise<RawPhase> {
    return this.#phase(durationMs, () => this.#pace(1000 / perSecond))
  }

  /** One unanswered message of each visitor at any time: as fast as it goes. */
  async closedLoop(durationMs: number): Promise<RawPhase> {
    return this.#phase(durationMs, () => {
      this.#closedLoop = true
      for (const visitor of this.#visitors) visitor.speak()
      return () => {
        this.#closedLoop = false
      }
    })
  }

  /** `count` more sockets of agents who look on and say nothing. */
  async addIdle(count: number, seat: Seat): Promise<void> {
    const { rooms } = this.#options
    for (let index = 0; index < count; index++) {
      const room = rooms[index % rooms.length]
      if (room) this.#idle.push(new RawClient({ ...this.#seat(room.conversation, seat, index), after: BEYOND }))
      // All at once would measure the queue of the listening socket.
      if (index % 50 === 49) await pause(this.#options.ports.clock, 50)
    }
    await this.#until('idle connections were welcome', () => this.#idle.every(({ welcome }) => welcome))
  }

  dropIdle(): void {
    for (const client of this.#idle.splice(0)) client.stop()
  }

  stop(): void {
    this.dropIdle()
    for (const client of [...this.#visitors, ...this.#agents]) client.stop()
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
    const listeners = 1 + (this.#options.rooms[0]?.agents.length ?? 0)
    const done = () =>
      this.#visitors.every(({ unanswered }) => unanswered === 0) &&
      tally.deliveryMs.length >= tally.ackMs.length * listeners
    const took = await waitUntil(clock, { patienceMs: PATIENCE_MS }, done)
    return { tally, ms, complete: took !== undefined && tally.deliveryMs.length === tally.ackMs.length * listeners }
  }

  /** Timers are coarse: each turn sends what has fallen due since the last one. */
  #pace(everyMs: number): Cancel {
    const { clock } = this.#options.ports
    const startMs = clock.monotonicMs()
    let sent = 0
    let cancel: Cancel = () => {}
    const turn = () => {
      for (; sent * everyMs <= clock.monotonicMs() - startMs; sent++)
        this.#visitors[sent % this.#visitors.length]?.speak()
      cancel = clock.after(Math.min(everyMs, 5), turn)
    }
    turn()
    return () => cancel()
  }

  #seat(conversation: ConversationId, { token }: Seat, index: number): RawClientOptions {
    const { ports, addresses, textLength } = this.#options
    const address = addresses[index % addresses.length] ?? ''
    return {
      ports,
      address,
      token,
      instance: ports.random.id(),
      conversation,
      after: 0,
      textLength,
      tally: emptyTally(),
    }
  }

  async #until(what: string, done: () => boolean): Promise<void> {
    const took = await waitUntil(this.#options.ports.clock, { patienceMs: PATIENCE_MS }, done)
    if (took === undefined) throw new Error(`Not all ${what} within ${PATIENCE_MS / 1000} s.`)
  }
}
