import type { Incarnation } from '../base/ids.ts'
import type { OutboxItem } from './log-store.ts'

/** An item that was taken to be carried out. */
export interface TakenItem extends OutboxItem {
  /** Of this taking: whoever takes the item later has another one, and answers under this one have no effect then. */
  readonly lease: number
  /** How often it was taken, this time included. */
  readonly attempt: number
}

/** An item that nobody tries any more. What it says is left out: it may hold addresses of people. */
export interface DeadLetter extends Omit<OutboxItem, 'body'> {
  readonly attempts: number
  readonly reason: string
  /** Store time, milliseconds since 1970. */
  readonly diedAt: number
}

/** A lane in which something waits. What is behind its first item waits for that one. */
export interface WaitingLane {
  readonly lane: string
  readonly waiting: number
  /** How long the oldest of them has waited. */
  readonly oldestMs: number
  readonly first: {
    readonly id: string
    readonly kind: string
    readonly attempts: number
    /** Why the last attempt failed; empty before one did. */
    readonly reason: string
    /** Until it may be taken, or taken by another one; 0: now. */
    readonly dueInMs: number
    /** Somebody has taken it. */
    readonly held: boolean
  }
}

/** What became of an item. `dropped`: it was a dead letter and given up. */
export interface PostedItem {
  readonly id: string
  readonly kind: string
  readonly state: 'waiting' | 'done' | 'dead' | 'dropped'
  readonly attempts: number
  /** Why the last attempt failed; empty where none did. */
  readonly reason: string
}

export interface OutboxBacklog {
  readonly waiting: number
  readonly dead: number
  /** How long the oldest one that waits has waited. */
  readonly oldestMs: number
}

/**
 * What is to be done outside, after it was committed with the events that ask for it (`Slice.outbox`). Of each lane only
 * the first that waits may be taken, so a lane is carried out in order, one at a time; of an item that is taken and not
 * answered before its lease ends, or before its taker is tombstoned, somebody else takes care, under the same id. Same
 * rejections as `LogStore`.
 *
 *   waiting --take--> waiting, leased --settle--> settled      (its id is remembered: it is never taken again)
 *      ^                 |  |  |
 *      +----postpone-----+  |  +--lease ends, taker dies--> may be taken again
 *      +--replay-- dead <---+ bury
 */
export interface OutboxStore {
  /** Adds items without events, all or none; one whose id was there before is passed over. */
  post(items: readonly OutboxItem[]): Promise<void>
  /** The heads of up to `limit` lanes that are due and of a kind that the taker can carry out. The taker has joined. */
  take(query: TakeQuery): Promise<readonly TakenItem[]>
  /** It was done. Forgets what it says, not its id. `false`: the lease is another's. May be asked again. */
  settle(item: LeasedItem): Promise<boolean>
  /** It is to be tried again after a while; whatever is behind it in its lane waits, too. */
  postpone(item: LeasedItem, delayMs: number, reason: string): Promise<boolean>
  /** It is a dead letter; its lane goes on. */
  bury(item: LeasedItem, reason: string): Promise<boolean>
  backlog(): Promise<OutboxBacklog>
  /** Those in which something waits, the longest first. */
  lanes(limit: number): Promise<readonly WaitingLane[]>
  /** The items whose ids begin so, as far as they are remembered, in the order of their ids. */
  posted(prefix: string, limit: number): Promise<readonly PostedItem[]>
  /** The newest first. */
  deadLetters(limit: number): Promise<readonly DeadLetter[]>
  /** Tries a dead letter again, behind whatever waits in its lane now. `false`: there is none of this id. */
  replay(id: string): Promise<boolean>
  /** Gives a dead letter up for ever. */
  drop(id: string): Promise<boolean>
  /** Forgets the ids of up to `limit` items that were settled so long ago. Answers how many. */
  forget(olderThanMs: number, limit: number): Promise<number>
}

export interface TakeQuery {
  readonly by: Incarnation
  readonly kinds: readonly string[]
  readonly limit: number
  readonly leaseMs: number
}

export type LeasedItem = Pick<TakenItem, 'id' | 'lease'>
