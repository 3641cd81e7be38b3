import type { EventRecord } from '../base/event-record.ts'
import type { ConversationId, Epoch, Seq } from '../base/ids.ts'
import type { Refusal } from '../base/refusals.ts'
import type { ConversationStatus, Ephemeral, Moved, OwnerSink } from '../protocol/conversation-port.ts'

// What a returning client most likely misses stays in memory; older events are read from the store.
const HOT_EVENTS_MAX = 256
const HOT_CHARACTERS_MAX = 256 * 1024
const PAGE = 256

interface Attached {
  readonly sink: OwnerSink
  /** The last seq that the sink was given. */
  cursor: Seq
  /** A read of older events is under way; live ones wait in the hot tail until it is done. */
  filling: boolean
}

type ReadPage = (after: Seq, limit: number) => Promise<readonly EventRecord[] | undefined>

/**
 * Who looks at one owned conversation, and its newest events. Each sink gets a contiguous range: what is older than
 * the hot tail is read from the store first, and a sink that fell behind the hot tail reads again (LO6).
 */
export class Attachments {
  readonly #conversation: ConversationId
  readonly #read: ReadPage
  readonly #attached = new Map<string, Attached>()
  #hot: EventRecord[] = []
  #hotCharacters = 0
  #headSeq: Seq
  #epoch: Epoch

  constructor(conversation: ConversationId, epoch: Epoch, headSeq: Seq, tail: readonly EventRecord[], read: ReadPage) {
    this.#conversation = conversation
    this.#epoch = epoch
    this.#headSeq = headSeq
    this.#read = read
    this.#keep(tail)
  }

  get size(): number {
    return this.#attached.size
  }

  has(peer: string): boolean {
    return this.#attached.has(peer)
  }

  attach(peer: string, after: Seq, sink: OwnerSink): void {
    const attached: Attached = { sink, cursor: after, filling: false }
    this.#attached.set(peer, attached)
    this.#advance(peer, attached)
  }

  detach(peer: string): void {
    this.#attached.delete(peer)
  }

  /** Durable events, in order: kept hot and given to every sink that has all before them. */
  publish(records: readonly EventRecord[], epoch: Epoch): void {
    const last = records.at(-1)
    if (!last) return
    this.#epoch = epoch
    this.#headSeq = last.seq
    this.#keep(records)
    for (const [peer, attached] of this.#attached) this.#advance(peer, attached)
  }

  /** Events after `after` from memory; `undefined` when memory does not reach back that far. */
  recent(after: Seq, limit: number): readonly EventRecord[] | undefined {
    if (after >= this.#headSeq) return []
    const first = this.#hot[0]
    if (!first || first.seq > after + 1) return undefined
    const start = after + 1 - first.seq
    return this.#hot.slice(start, start + limit)
  }

  ephemeral(ephemeral: Ephemeral): void {
    for (const { sink } of this.#attached.values()) sink.ephemeral(this.#conversation, this.#epoch, ephemeral)
  }

  status(status: ConversationStatus): void {
    for (const { sink } of this.#attached.values()) sink.status(this.#conversation, this.#epoch, status)
  }

  /** Everybody's attachment is over; who comes back attaches anew. */
  moved(moved: Moved): void {
    this.#end((sink) => sink.moved(this.#conversation, moved))
  }

  ended(refusal: Refusal): void {
    this.#end((sink) => sink.ended(this.#conversation, refusal))
  }

  #end(tell: (sink: OwnerSink) => void): void {
    const all = [...this.#attached.values()]
    this.#attached.clear()
    for (const { sink } of all) tell(sink)
  }

  #advance(peer: string, attached: Attached): void {
    if (attached.filling || attached.cursor >= this.#headSeq) return
    const records = this.recent(attached.cursor, this.#hot.length)
    if (records) this.#give(attached, records)
    else void this.#fill(peer, attached)
  }

  async #fill(peer: string, attached: Attached): Promise<void> {
    attached.filling = true
    const records = await this.#read(attached.cursor, PAGE)
    attached.filling = false
    if (this.#attached.get(peer) !== attached) return
    // A read that failed or found nothing leaves the sink where it is; the next event or attach tries again.
    if (!records || records.length === 0) return
    this.#give(attached, records)
    this.#advance(peer, attached)
  }

  #give(attached: Attached, records: readonly EventRecord[]): void {
    const last = records.at(-1)
    if (!last) return
    attached.cursor = last.seq
    attached.sink.events(this.#conversation, this.#epoch, records)
  }

  #keep(records: readonly EventRecord[]): void {
    for (const record of records) {
      this.#hot.push(record)
      this.#hotCharacters += record.json.length
    }
    let drop = 0
    while (this.#hot.length - drop > HOT_EVENTS_MAX || this.#hotCharacters > HOT_CHARACTERS_MAX) {
      const oldest = this.#hot[drop]
      if (!oldest || drop === this.#hot.length - 1) break
      this.#hotCharacters -= oldest.json.length
      drop += 1
    }
    if (drop > 0) this.#hot = this.#hot.slice(drop)
  }
}
