import type { SeededDice } from '../chaos/seeded-dice.ts'
import { IndefiniteOutcome, type LogStore, type MemberStore, StoreUnavailable } from '../store/log-store.ts'
import type { Timeline } from './simulated-clock.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { SimulatedWires } from './simulated-wires.ts'

/** What can go wrong with one call, beside the wires. Shares of 1. */
export interface DatabaseMood {
  /** The reply of a statement that took place is lost. */
  readonly replyLostShare: number
  /** The connection breaks before the statement takes place. */
  readonly requestLostShare: number
  /** The caller hears that the connection broke, and the statement takes place later. */
  readonly lateShare: number
  readonly lateMsMax: number
  readonly leastMs: number
  readonly jitterMs: number
}

export const GOOD_MOOD: DatabaseMood = {
  replyLostShare: 0,
  requestLostShare: 0,
  lateShare: 0,
  lateMsMax: 0,
  leastMs: 0.2,
  jitterMs: 2,
}

interface Waiting {
  readonly fail: (error: Error) => void
  settled: boolean
}

const PATIENCE_MS = 5000
const REFUSED_MS = 5
export const DATABASE_HOST = 'database'

/**
 * The database as a machine among the others: statements travel to it, wait while it stands still, take place at one
 * instant, and their answers travel back. A restart breaks every connection; a cut wire leaves the caller in doubt.
 */
export class SimulatedDatabase {
  readonly #ports: { timeline: Timeline; random: SeededDice; wires: SimulatedWires }
  readonly #makeProcess: () => SimulatedProcess
  readonly #waiting = new Set<Waiting>()
  #process: SimulatedProcess
  mood: DatabaseMood = GOOD_MOOD
  /** Nothing more can be written to the log: beats and claims rewrite rows in place, and go on. */
  diskFull = false
  /** Calls whose outcome the caller could not know, and those refused for want of room. */
  indefinite = 0
  refusedForRoom = 0

  constructor(
    ports: { timeline: Timeline; random: SeededDice; wires: SimulatedWires },
    makeProcess: () => SimulatedProcess,
  ) {
    this.#ports = ports
    this.#makeProcess = makeProcess
    this.#process = makeProcess()
  }

  get process(): SimulatedProcess {
    return this.#process
  }

  /** Every connection breaks; what was not carried out is not carried out. Until `start` nobody gets in. */
  stop(): void {
    this.#process.kill()
    for (const call of [...this.#waiting]) call.fail(new IndefiniteOutcome('the database went away'))
  }

  start(): void {
    if (!this.#process.alive) this.#process = this.#makeProcess()
  }

  /** Asked where a statement takes place that makes the database larger. */
  needRoom(): void {
    if (!this.diskFull) return
    this.refusedForRoom++
    throw new StoreUnavailable('53100: no space is left on the device')
  }

  /** Carries one statement out for a caller; see `LogStore` for how it may reject. */
  call<Answer>(caller: SimulatedProcess, host: string, statement: string, run: () => Promise<Answer>): Promise<Answer> {
    const { random } = this.#ports
    return new Promise((resolve, reject) => {
      const call: Waiting = {
        settled: false,
        fail: (error) => this.#answer(call, caller, statement, () => reject(error), error),
      }
      this.#waiting.add(call)
      if (!this.#process.alive) {
        call.fail(new StoreUnavailable('the database refuses connections'))
        return
      }
      const database = this.#process
      caller.deliver(PATIENCE_MS, 'timer', `${statement} has no answer`, () => {
        if (!call.settled) this.#indefinite(call, reject, 'no answer in time')
      })
      const { mood } = this
      const lot = random.fraction()
      const late = lot < mood.lateShare
      const requestLost = !late && lot < mood.lateShare + mood.requestLostShare
      const replyLost = !late && !requestLost && lot < mood.lateShare + mood.requestLostShare + mood.replyLostShare
      if (late || requestLost) {
        caller.deliver(this.#serviceMs(), 'input', `${statement} broke`, () =>
          this.#indefinite(call, reject, 'the connection broke'),
        )
        if (requestLost) return
      }
      const delayMs = this.#serviceMs() + (late ? random.spread(1, mood.lateMsMax) : 0)
      this.#whenReachable(host, DATABASE_HOST, () =>
        database.deliver(this.#wireMs() + delayMs, 'input', statement, () => {
          void run().then(
            (answer) => {
              if (late || call.settled) return
              if (replyLost) call.fail(new IndefiniteOutcome('the reply was lost'))
              else
                this.#whenReachable(DATABASE_HOST, host, () =>
                  this.#answer(call, caller, statement, () => resolve(answer)),
                )
            },
            (error: Error) => call.fail(error),
          )
        }),
      )
    })
  }

  #indefinite(call: Waiting, reject: (error: Error) => void, why: string): void {
    if (call.settled) return
    call.settled = true
    this.#waiting.delete(call)
    this.indefinite++
    reject(new IndefiniteOutcome(why))
  }

  #answer(call: Waiting, caller: SimulatedProcess, statement: string, settle: () => void, error?: Error): void {
    this.#waiting.delete(call)
    const delayMs = error instanceof StoreUnavailable ? REFUSED_MS : this.#wireMs()
    caller.deliver(delayMs, 'input', error ? `${statement}: ${error.name}` : `${statement} done`, () => {
      if (call.settled) return
      call.settled = true
      if (error instanceof IndefiniteOutcome) this.indefinite++
      settle()
    })
  }

  #serviceMs(): number {
    return this.mood.leastMs + this.mood.jitterMs * this.#ports.random.fraction()
  }

  #wireMs(): number {
    return this.#ports.wires.arrivalMs() - this.#ports.timeline.now()
  }

  #whenReachable(from: string, to: string, send: () => void): void {
    const { wires } = this.#ports
    if (!wires.isCut(from, to)) {
      send()
      return
    }
    const forget = wires.onMended(() => {
      if (wires.isCut(from, to)) return
      forget()
      send()
    })
  }
}

/** The log store as one process reaches it: each call is a journey. */
export function remoteLogStore(store: LogStore, call: RemoteCall): LogStore {
  return {
    open: (conversation, by) => call(`open ${conversation.slice(-4)}`, () => store.open(conversation, by)),
    claim: (requests, by) => call(`claim ${names(requests)}`, () => store.claim(requests, by)),
    adopt: (from, by, limit) => call(`adopt ${from.length}`, () => store.adopt(from, by, limit)),
    setApart: (conversation, epoch, reason) =>
      call(`set apart ${conversation.slice(-4)}`, () => store.setApart(conversation, epoch, reason)),
    damaged: (limit, after) => call('damaged', () => store.damaged(limit, after)),
    append: (slices) => call(`append ${names(slices)}`, () => store.append(slices)),
    read: (conversation, after, limit) =>
      call(`read ${conversation.slice(-4)}>${after}`, () => store.read(conversation, after, limit)),
    findKey: (conversation, sender, key) => call('find-key', () => store.findKey(conversation, sender, key)),
    offerHandover: (requests) => call(`offer ${names(requests)}`, () => store.offerHandover(requests)),
    withdrawHandover: (requests) => call(`withdraw ${names(requests)}`, () => store.withdrawHandover(requests)),
    release: (requests) => call(`release ${names(requests)}`, () => store.release(requests)),
    saveSnapshot: (conversation, epoch, snapshot) =>
      call('snapshot', () => store.saveSnapshot(conversation, epoch, snapshot)),
    due: (limit) => call('due', () => store.due(limit)),
    ownedBy: (incarnation, limit, after) => call('owned-by', () => store.ownedBy(incarnation, limit, after)),
    ownerOf: (conversation) => call('owner-of', () => store.ownerOf(conversation)),
    list: (query) => call('list', () => store.list(query)),
  }
}

export function remoteMemberStore(store: MemberStore, call: RemoteCall): MemberStore {
  return {
    join: (self, facts) => call('join', () => store.join(self, facts)),
    beat: (self, facts) => call('beat', () => store.beat(self, facts)),
    tombstone: (incarnation, reason) => call('tombstone', () => store.tombstone(incarnation, reason)),
    tombstoneName: (node, reason) => call(`tombstone ${node}`, () => store.tombstoneName(node, reason)),
  }
}

export type RemoteCall = <Answer>(statement: string, run: () => Promise<Answer>) => Promise<Answer>

function names(items: readonly { readonly conversation: string }[]): string {
  const first = items[0]?.conversation.slice(-4) ?? 'none'
  return items.length > 1 ? `${first}+${items.length - 1}` : first
}
