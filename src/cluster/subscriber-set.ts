import type { Cancel, Clock } from '../base/clock.ts'
import type { EventRecord } from '../base/event-record.ts'
import type { ConversationId, ParticipantId, Seq } from '../base/ids.ts'
import type { Refusal } from '../base/refusals.ts'
import type { Attachment, ConversationStatus, Ephemeral, ReadReply, Subscriber } from '../protocol/conversation-port.ts'
import { RecordRing } from './record-ring.ts'

interface Member {
  readonly subscriber: Subscriber
  /** The last seq that it was given, or came with. */
  cursor: Seq
  /** Gets what comes; else it waits for a read of what the ring has no more. */
  live: boolean
}

export interface SubscriberSetLimits {
  readonly ringRecords: number
  readonly ringCharacters: number
  /** Events per read of older ones. */
  readonly page: number
  /** Milliseconds before a read that brought nothing is tried again. */
  readonly readRetryMs: number
}

/**
 * The clients of this node that look at one conversation, and its newest events. Each client gets a contiguous range
 * from its own cursor (LO6): from the ring as far as that reaches back, before that from reads that all who wait share.
 */
export class SubscriberSet {
  readonly #conversation: ConversationId
  readonly #clock: Clock
  readonly #limits: SubscriberSetLimits
  readonly #read: (after: Seq, limit: number) => Promise<ReadReply>
  readonly #left: () => void
  readonly #members = new Set<Member>()
  /** Those that wait for older events, who has waited longest first. */
  readonly #waiting = new Set<Member>()
  #ring: RecordRing | undefined
  #reading = false
  #retry: Cancel | undefined
  #status: ConversationStatus = 'live'
  /** How far each participant has read, as the owner said last: who joins later is told, too. */
  readonly #seen = new Map<ParticipantId, Seq>()

  /** `read`: older events from the owner. `left`: a subscriber detached. */
  constructor(options: {
    conversation: ConversationId
    clock: Clock
    limits: SubscriberSetLimits
    read: (after: Seq, limit: number) => Promise<ReadReply>
    left: () => void
  }) {
    this.#conversation = options.conversation
    this.#clock = options.clock
    this.#limits = options.limits
    this.#read = options.read
    this.#left = options.left
  }

  get size(): number {
    return this.#members.size
  }

  /** Where an attachment to the owner has to go on; 0 before anybody joined. */
  get last(): Seq {
    return this.#ring?.last ?? 0
  }

  /** Nothing came yet, so that another start would lose nothing. */
  get untouched(): boolean {
    return this.#ring?.empty ?? true
  }

  /** The first calls to the subscriber come after this returned. */
  join(after: Seq, subscriber: Subscriber): Attachment {
    const member: Member = { subscriber, cursor: after, live: false }
    this.#ring ??= this.#ringFrom(after)
    this.#members.add(member)
    void Promise.resolve().then(() => {
      if (!this.#members.has(member)) return
      if (this.#status !== 'live') subscriber.status(this.#conversation, this.#status)
      for (const [from, seq] of this.#seen) subscriber.ephemeral(this.#conversation, { type: 'seen', from, seq })
      this.#seat(member)
      this.#pump()
    })
    return { detach: () => this.#leave(member) }
  }

  /** Live events. `gap`: some before them are missing; nothing was given to anybody. */
  append(records: readonly EventRecord[]): 'ok' | 'gap' {
    const fresh = this.#ring?.append(records) ?? []
    if (fresh === 'gap') return 'gap'
    for (const member of this.#members) if (member.live) this.#give(member, fresh)
    return 'ok'
  }

  /** Begins again behind `after`: the position that the first subscriber came with is beyond the log's end. */
  restart(after: Seq): void {
    this.#ring = this.#ringFrom(after)
    for (const member of this.#members) this.#seat(member)
    this.#pump()
  }

  ephemeral(ephemeral: Ephemeral): void {
    if (ephemeral.type === 'seen') this.#seen.set(ephemeral.from, ephemeral.seq)
    for (const { subscriber } of this.#members) subscriber.ephemeral(this.#conversation, ephemeral)
  }

  /** Tells everybody, and whoever joins later, where that is news. */
  status(status: ConversationStatus): void {
    if (status === this.#status) return
    this.#status = status
    for (const { subscriber } of this.#members) subscriber.status(this.#conversation, status)
  }

  /** The attachment of everybody is over. */
  ended(refusal: Refusal): void {
    const all = [...this.#members]
    this.#clear()
    for (const { subscriber } of all) subscriber.ended(this.#conversation, refusal)
  }

  #clear(): void {
    this.#members.clear()
    this.#waiting.clear()
    this.#seen.clear()
    this.#ring = undefined
    this.#retry?.()
    this.#retry = undefined
  }

  #leave(member: Member): void {
    if (!this.#members.delete(member)) return
    this.#waiting.delete(member)
    this.#left()
  }

  /** Gives a member what the ring has for it, or has it wait for a read. */
  #seat(member: Member): void {
    const ring = this.#ring
    if (!ring || !this.#members.has(member)) return
    member.live = member.cursor >= ring.first - 1
    if (!member.live) {
      this.#waiting.add(member)
      return
    }
    this.#waiting.delete(member)
    this.#give(member, ring.after(member.cursor))
  }

  #give(member: Member, records: readonly EventRecord[]): void {
    const news =
      records[0] && records[0].seq <= member.cursor ? records.filter(({ seq }) => seq > member.cursor) : records
    const last = news.at(-1)
    if (!last) return
    member.cursor = last.seq
    member.subscriber.events(this.#conversation, news)
  }

  /**
   * One read at a time, from where the one that has waited longest stands. A read serves only those who had joined
   * when it began; if the ring has meanwhile moved on beyond it, they wait for another one.
   */
  #pump(): void {
    const [eldest] = this.#waiting
    if (this.#reading || this.#retry || !eldest) return
    this.#reading = true
    const readers = [...this.#waiting]
    const from = eldest.cursor
    void this.#read(from, this.#limits.page).then((reply) => {
      this.#reading = false
      const helped = reply.kind === 'events' && reply.records[0]?.seq === from + 1
      if (helped) this.#serve(readers, from, reply.records)
      else this.#retryLater()
      this.#pump()
    })
  }

  #serve(readers: readonly Member[], from: Seq, records: readonly EventRecord[]): void {
    for (const member of readers) {
      if (!this.#waiting.delete(member)) continue
      if (member.cursor >= from) this.#give(member, records)
      this.#seat(member)
    }
  }

  #retryLater(): void {
    this.#retry ??= this.#clock.after(this.#limits.readRetryMs, () => {
      this.#retry = undefined
      this.#pump()
    })
  }

  #ringFrom(after: Seq): RecordRing {
    const { ringRecords, ringCharacters } = this.#limits
    return new RecordRing(after, { recordsMax: ringRecords, charactersMax: ringCharacters })
  }
}
