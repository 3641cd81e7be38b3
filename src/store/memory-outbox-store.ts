import { assert } from '../base/assertion.ts'
import type { Incarnation } from '../base/ids.ts'
import type { OutboxItem } from './log-store.ts'
import type {
  DeadLetter,
  LeasedItem,
  OutboxBacklog,
  OutboxStore,
  PostedItem,
  TakenItem,
  TakeQuery,
  WaitingLane,
} from './outbox-store.ts'

interface Entry {
  readonly id: string
  readonly lane: string
  readonly kind: string
  body: string
  state: 'waiting' | 'settled' | 'dead'
  /** Store time from which it may be taken: a lease is nothing but the time until then. */
  dueAt: number
  readonly postedAt: number
  lease: number
  holder: Incarnation | undefined
  attempts: number
  reason: string
  endedAt: number
}

/** The outbox of tests and of the simulator. */
export class MemoryOutboxStore implements OutboxStore {
  readonly #now: () => number
  readonly #isDead: (holder: Incarnation) => boolean
  readonly #ids = new Map<string, Entry>()
  /** Those that wait, in the order of their lanes. */
  #waiting: Entry[] = []
  #leases = 0

  constructor(now: () => number, isDead: (holder: Incarnation) => boolean = () => false) {
    this.#now = now
    this.#isDead = isDead
  }

  /** Whether an id is, or was, in the outbox. */
  has(id: string): boolean {
    return this.#ids.has(id)
  }

  async post(items: readonly OutboxItem[]): Promise<void> {
    for (const item of items) if (!this.has(item.id)) this.add([item])
  }

  /** What an append brings, at the instant when it takes place. */
  add(items: readonly OutboxItem[]): void {
    const now = this.#now()
    for (const item of items) {
      const untouched = { lease: 0, holder: undefined, attempts: 0, reason: '', endedAt: 0 }
      const entry: Entry = { ...item, ...untouched, state: 'waiting', dueAt: now, postedAt: now }
      this.#ids.set(item.id, entry)
      this.#waiting.push(entry)
    }
  }

  async take({ by, kinds, limit, leaseMs }: TakeQuery): Promise<readonly TakenItem[]> {
    const now = this.#now()
    const lanes = new Set<string>()
    const taken: TakenItem[] = []
    // As in PostgreSQL, what the dead held is there at the next look.
    const left = this.#waiting.filter(
      ({ holder, dueAt }) => holder !== undefined && dueAt > now && this.#isDead(holder),
    )
    for (const entry of this.#waiting) {
      if (taken.length >= limit) break
      if (lanes.has(entry.lane)) continue
      lanes.add(entry.lane)
      if (entry.dueAt > now || !kinds.includes(entry.kind)) continue
      entry.dueAt = now + leaseMs
      entry.lease = ++this.#leases
      entry.holder = by
      entry.attempts += 1
      const { id, lane, kind, body, lease, attempts: attempt } = entry
      taken.push({ id, lane, kind, body, lease, attempt })
    }
    for (const entry of left) this.#letGo(entry, 0)
    return taken
  }

  async settle(item: LeasedItem): Promise<boolean> {
    const entry = this.#ids.get(item.id)
    if (entry?.state === 'settled' && entry.lease === item.lease) return true
    return this.#end(item, 'settled', '')
  }

  async postpone(item: LeasedItem, delayMs: number, reason: string): Promise<boolean> {
    const entry = this.#leased(item)
    if (!entry) return false
    entry.reason = reason
    this.#letGo(entry, this.#now() + delayMs)
    return true
  }

  async bury(item: LeasedItem, reason: string): Promise<boolean> {
    return this.#end(item, 'dead', reason)
  }

  async backlog(): Promise<OutboxBacklog> {
    const now = this.#now()
    const oldest = this.#waiting.reduce((least, { postedAt }) => Math.min(least, postedAt), now)
    return { waiting: this.#waiting.length, dead: this.#dead().length, oldestMs: now - oldest }
  }

  async lanes(limit: number): Promise<readonly WaitingLane[]> {
    const now = this.#now()
    const lanes = Map.groupBy(this.#waiting, ({ lane }) => lane)
    return [...lanes]
      .map(([lane, [first, ...behind]]): WaitingLane => {
        assert(first, 'a lane has a first item')
        const { id, kind, attempts, reason, dueAt } = first
        const oldest = behind.reduce((least, { postedAt }) => Math.min(least, postedAt), first.postedAt)
        const dueInMs = Math.max(0, dueAt - now)
        const held = first.holder !== undefined && dueInMs > 0
        return {
          ...{ lane, waiting: 1 + behind.length, oldestMs: now - oldest },
          first: { id, kind, attempts, reason, dueInMs, held },
        }
      })
      .sort((one, other) => other.oldestMs - one.oldestMs)
      .slice(0, limit)
  }

  async posted(prefix: string, limit: number): Promise<readonly PostedItem[]> {
    return [...this.#ids.values()]
      .filter(({ id }) => id.startsWith(prefix))
      .sort((one, other) => (one.id < other.id ? -1 : 1))
      .slice(0, limit)
      .map(({ id, kind, state, attempts, reason }) => {
        const ended = reason === '' ? 'done' : 'dropped'
        return { id, kind, state: state === 'settled' ? ended : state, attempts, reason }
      })
  }

  async deadLetters(limit: number): Promise<readonly DeadLetter[]> {
    return this.#dead()
      .sort((one, other) => other.endedAt - one.endedAt)
      .slice(0, limit)
      .map(({ id, lane, kind, attempts, reason, endedAt }) => ({ id, lane, kind, attempts, reason, diedAt: endedAt }))
  }

  async replay(id: string): Promise<boolean> {
    const entry = this.#ids.get(id)
    if (entry?.state !== 'dead') return false
    entry.state = 'waiting'
    entry.attempts = 0
    this.#letGo(entry, 0)
    this.#waiting.push(entry)
    return true
  }

  async drop(id: string): Promise<boolean> {
    const entry = this.#ids.get(id)
    if (entry?.state !== 'dead') return false
    entry.state = 'settled'
    entry.body = ''
    entry.endedAt = this.#now()
    return true
  }

  async forget(olderThanMs: number, limit: number): Promise<number> {
    const until = this.#now() - olderThanMs
    const old = [...this.#ids.values()].filter(({ state, endedAt }) => state === 'settled' && endedAt < until)
    for (const { id } of old.slice(0, limit)) this.#ids.delete(id)
    return Math.min(old.length, limit)
  }

  #letGo(entry: Entry, dueAt: number): void {
    entry.lease = 0
    entry.holder = undefined
    entry.dueAt = dueAt
  }

  #leased({ id, lease }: LeasedItem): Entry | undefined {
    const entry = this.#ids.get(id)
    return entry?.state === 'waiting' && entry.lease === lease ? entry : undefined
  }

  #end(item: LeasedItem, state: 'settled' | 'dead', reason: string): boolean {
    const entry = this.#leased(item)
    if (!entry) return false
    entry.state = state
    entry.reason = reason
    entry.endedAt = this.#now()
    if (state === 'settled') entry.body = ''
    this.#waiting = this.#waiting.filter((other) => other !== entry)
    return true
  }

  #dead(): Entry[] {
    return [...this.#ids.values()].filter(({ state }) => state === 'dead')
  }
}
