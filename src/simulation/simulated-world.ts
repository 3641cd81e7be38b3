import type { EventRecord } from '../base/event-record.ts'
import type { Owner } from '../base/ids.ts'
import { SeededDice } from '../chaos/seeded-dice.ts'
import { SYSTEM } from '../conversation/event.ts'
import type { LogStore, MemberStore, Slice } from '../store/log-store.ts'
import { MemoryStore } from '../store/memory-store.ts'
import type { OutboxStore } from '../store/outbox-store.ts'
import { allCheckers } from './checkers/all-checkers.ts'
import { Ledger, recordedLogStore, recordedMemberStore } from './ledger.ts'
import type { Observation } from './observation.ts'
import { Referee } from './referee.ts'
import { catchStrays, settle } from './settle-node.ts'
import { EPOCH_MS, EXACT_TIME, Timeline } from './simulated-clock.ts'
import { DATABASE_HOST, SimulatedDatabase } from './simulated-database.ts'
import { SimulatedDoors } from './simulated-network.ts'
import { SimulatedOutside } from './simulated-outside.ts'
import { SimulatedProcess } from './simulated-process.ts'
import { SimulatedWires } from './simulated-wires.ts'
import { Sometimes } from './sometimes.ts'
import { Trace } from './trace.ts'
import { WeakDice } from './weak-dice.ts'

/** Wraps what nodes get of the store; a planted bug replaces some of it. `below`: between nodes' calls and the truth. */
export type StoreWrapper = (store: LogStore, world: SimulatedWorld) => LogStore

/** The same for the outbox, of which only what nodes do is wrapped: what appends post is part of the truth. */
export type OutboxWrapper = (outbox: OutboxActs) => OutboxActs
export type OutboxActs = Pick<OutboxStore, 'take' | 'settle' | 'postpone' | 'bury' | 'replay'>

export interface WorldOptions {
  readonly seed: number
  /** Gets every line of the trace. */
  readonly traceSink?: (line: string) => void
  /** Asked now and then: nobody waits for the end any more. */
  readonly stopped?: () => boolean
  /** Planted between the database's door and the truth. */
  readonly wrapStore?: StoreWrapper
  readonly wrapOutbox?: OutboxWrapper
}

/** A burst is some hundred steps at one instant; a timer that is armed again without a rest never ends. */
const STEPS_AT_ONCE_MAX = 20_000

// Whatever comes from the real world, such as a stray rejection, waits for so many steps at most.
const STEPS_PER_TURN = 16

/** How a process ends: its kernel still answers for it, or its machine is gone with everything on it. */
export type Death = 'exit' | 'power'

/**
 * Time, wires, the database and the referee of one run: everything that the machines of a simulation share. One seed
 * makes one world; nothing in it comes from outside.
 */
export class SimulatedWorld {
  readonly seed: number
  readonly timeline = new Timeline()
  readonly trace: Trace
  readonly random: SeededDice
  readonly wires: SimulatedWires
  readonly ledger: Ledger
  readonly referee: Referee
  readonly database: SimulatedDatabase
  readonly links: SimulatedDoors<Owner>
  readonly sockets: SimulatedDoors<string>
  readonly sometimes = new Sometimes()
  readonly weakDice = new WeakDice()
  /** The store as the database holds it, with what was planted in it. */
  readonly logStore: LogStore
  readonly memberStore: MemberStore
  readonly outbox: OutboxActs
  /** Whoever is called from the outbox. */
  readonly outside = new SimulatedOutside()
  readonly #stopped: () => boolean
  #steps = 0

  constructor({ seed, traceSink, stopped = () => false, wrapStore, wrapOutbox }: WorldOptions) {
    const { timeline } = this
    this.seed = seed
    this.#stopped = stopped
    this.trace = new Trace(traceSink)
    this.random = new SeededDice(seed)
    this.wires = new SimulatedWires(timeline, this.random.fork('wires'))
    this.ledger = new Ledger(() => this.storeNow())
    this.referee = new Referee(allCheckers(), this.ledger, () => timeline.now())
    this.links = new SimulatedDoors({ timeline, wires: this.wires }, 'link')
    this.sockets = new SimulatedDoors({ timeline, wires: this.wires }, 'socket')
    this.database = new SimulatedDatabase({ timeline, random: this.random.fork('database'), wires: this.wires }, () =>
      this.process(DATABASE_HOST),
    )
    const memory = new MemoryStore({ now: () => this.storeNow() })
    const truth = recordedLogStore(memory, this.ledger, {
      stored: (slice, headBefore) => {
        this.sometimes.saw('timer fired', slice.events.filter(({ sender }) => sender === SYSTEM).length)
        this.sometimes.saw('same key of two people', this.#sharedKeys(slice))
        this.outside.committed(slice)
        this.see({ kind: 'stored', slice, headBefore })
      },
      owned: (conversation, epoch, by, epochBefore) =>
        this.see({ kind: 'owned', conversation, epoch, by, epochBefore }),
    })
    this.logStore = wrapStore?.(truth, this) ?? truth
    this.memberStore = recordedMemberStore(memory, this.ledger)
    const outbox = this.#watchedOutbox(memory.outbox)
    this.outbox = wrapOutbox?.(outbox) ?? outbox
  }

  /** The store's clock, milliseconds since 1970. */
  storeNow(): number {
    return Math.floor(EPOCH_MS + this.timeline.now())
  }

  /** A new process; its own dice come from its name. */
  process(name: string, machine = EXACT_TIME): SimulatedProcess {
    const { timeline, trace } = this
    return new SimulatedProcess(name, { timeline, trace, onThrow: (error) => this.#thrown(error) }, machine)
  }

  see(observation: Observation): void {
    this.referee.see(observation)
  }

  /** A line of the trace that is not an input of a process: a fault, a decision, what a page did. */
  tell(actor: string, what: string): void {
    this.trace.line(this.timeline.now(), actor, what)
  }

  kill(process: SimulatedProcess, host: string, death: Death): void {
    process.kill()
    this.links.died(process, host, death === 'power')
    this.sockets.died(process, host, death === 'power')
  }

  /** Lets time pass until `untilMs`, until `done`, or until a rule is broken; `true` when `done` said so. */
  async run(untilMs: number, done: () => boolean = () => false): Promise<boolean> {
    const letStrays = catchStrays((error) => this.#thrown(error))
    let atOnce = 0
    let nowMs = this.timeline.now()
    try {
      while (!this.referee.violation && !this.#stopped()) {
        if (done()) return true
        if (!this.timeline.step(untilMs)) return done()
        await settle(++this.#steps % STEPS_PER_TURN === 0)
        atOnce = this.timeline.now() === nowMs ? atOnce + 1 : 0
        nowMs = this.timeline.now()
        if (atOnce > STEPS_AT_ONCE_MAX)
          this.referee.report(
            'spin',
            `${atOnce} steps took place and no time passed: somebody waits for 0 ms again and again.`,
          )
      }
      return false
    } finally {
      letStrays()
    }
  }

  #watchedOutbox(outbox: OutboxStore): OutboxActs {
    return {
      take: async (query) => {
        const taken = await outbox.take(query)
        for (const { id } of taken) this.see({ kind: 'outbox-taken', id })
        return taken
      },
      settle: async (item) => {
        const settled = await outbox.settle(item)
        if (settled) this.see({ kind: 'outbox-settled', id: item.id })
        return settled
      },
      postpone: (item, delayMs, reason) => outbox.postpone(item, delayMs, reason),
      bury: (item, reason) => outbox.bury(item, reason),
      replay: (id) => outbox.replay(id),
    }
  }

  #sharedKeys({ conversation, events }: Slice): number {
    const before = this.ledger.records(conversation)
    const isShared = ({ key, sender }: EventRecord) =>
      this.weakDice.threwAgain(key) && before.some((other) => other.key === key && other.sender !== sender)
    return events.filter(isShared).length
  }

  /** An error that nobody expected would have ended a real process: it is never right. */
  #thrown(error: unknown): void {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error)
    this.referee.report('assertion', what.split('\n').slice(0, 4).join(' | '))
  }
}
