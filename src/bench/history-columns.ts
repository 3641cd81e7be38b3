import type { ConversationId, ParticipantId } from '../base/ids.ts'
import type { ReceivedEvent, Recorded, SentCommand, SettledCommand } from './client-history.ts'

// A history of an hour has millions of entries: as columns they take a quarter of the memory of so many objects, and
// nothing of the time of whoever collects garbage.

const LENGTH_FIRST = 64
/** No fingerprint is negative. */
const WORDLESS = -1

/** Numbers in the order in which they came. */
export class NumberColumn {
  #values = new Float64Array(LENGTH_FIRST)
  #length = 0

  get length(): number {
    return this.#length
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const longer = new Float64Array(this.#length * 2)
      longer.set(this.#values)
      this.#values = longer
    }
    this.#values[this.#length++] = value
  }

  at(index: number): number {
    return this.#values[index] ?? 0
  }

  /** All of them so far, not copied. */
  values(): Float64Array {
    return this.#values.subarray(0, this.#length)
  }
}

/** What a client sent in its conversation. */
export class SentColumns implements Recorded<SentCommand> {
  readonly #conversation: ConversationId
  readonly #keys: string[] = []
  readonly #words = new NumberColumn()
  readonly #timesMs = new NumberColumn()

  constructor(conversation: ConversationId) {
    this.#conversation = conversation
  }

  get length(): number {
    return this.#keys.length
  }

  push(key: string, atMs: number, words: number | undefined): void {
    this.#keys.push(key)
    this.#words.push(words ?? WORDLESS)
    this.#timesMs.push(atMs)
  }

  *[Symbol.iterator](): Generator<SentCommand> {
    for (const [index, key] of this.#keys.entries()) {
      const words = this.#words.at(index)
      const sent = { conversation: this.#conversation, key, atMs: this.#timesMs.at(index) }
      yield words === WORDLESS ? sent : { ...sent, words }
    }
  }
}

type Refused = Extract<SettledCommand, { kind: 'refused' }>

/** What a client was answered; few are refusals. */
export class SettledColumns implements Recorded<SettledCommand> {
  readonly #conversation: ConversationId
  readonly #keys: string[] = []
  readonly #timesMs = new NumberColumn()
  readonly #seqs = new NumberColumn()
  readonly #refusals = new Map<number, Pick<Refused, 'kind' | 'code' | 'definite'>>()

  constructor(conversation: ConversationId) {
    this.#conversation = conversation
  }

  get length(): number {
    return this.#keys.length
  }

  push(key: string, atMs: number, answer: { kind: 'ack'; seq: number } | Pick<Refused, 'kind' | 'code' | 'definite'>) {
    if (answer.kind === 'refused') this.#refusals.set(this.#keys.length, answer)
    this.#keys.push(key)
    this.#timesMs.push(atMs)
    this.#seqs.push(answer.kind === 'ack' ? answer.seq : 0)
  }

  *[Symbol.iterator](): Generator<SettledCommand> {
    for (const [index, key] of this.#keys.entries()) {
      const settled = { conversation: this.#conversation, key, atMs: this.#timesMs.at(index) }
      const refusal = this.#refusals.get(index)
      yield refusal ? { ...settled, ...refusal } : { ...settled, kind: 'ack', seq: this.#seqs.at(index) }
    }
  }
}

/** What a client was given; few events are of a conversation that is not its own. */
export class ReceivedColumns implements Recorded<ReceivedEvent> {
  readonly #conversation: ConversationId
  readonly #strangers = new Map<number, ConversationId>()
  readonly #seqs = new NumberColumn()
  readonly #senders: ParticipantId[] = []
  /** Each sender's name once, however often it was parsed. */
  readonly #names = new Map<ParticipantId, ParticipantId>()
  readonly #keys: (string | undefined)[] = []
  readonly #fingerprints = new NumberColumn()
  readonly #timesMs = new NumberColumn()

  constructor(conversation: ConversationId) {
    this.#conversation = conversation
  }

  get length(): number {
    return this.#keys.length
  }

  push({ conversation, seq, sender, key, fingerprint, atMs }: ReceivedEvent): void {
    const name = this.#names.get(sender) ?? sender
    this.#names.set(name, name)
    if (conversation !== this.#conversation) this.#strangers.set(this.#keys.length, conversation)
    this.#seqs.push(seq)
    this.#senders.push(name)
    this.#keys.push(key)
    this.#fingerprints.push(fingerprint)
    this.#timesMs.push(atMs)
  }

  *[Symbol.iterator](): Generator<ReceivedEvent> {
    for (const [index, key] of this.#keys.entries())
      yield {
        conversation: this.#strangers.get(index) ?? this.#conversation,
        seq: this.#seqs.at(index),
        sender: this.#senders[index] ?? '',
        ...(key !== undefined && { key }),
        fingerprint: this.#fingerprints.at(index),
        atMs: this.#timesMs.at(index),
      }
  }
}
