import type { EventRecord } from '../base/event-record.ts'
import type { Seq } from '../base/ids.ts'

/** The newest events of one conversation, contiguous, at most so many and so long. */
export class RecordRing {
  readonly #recordsMax: number
  readonly #charactersMax: number
  #records: EventRecord[] = []
  /** Where the oldest kept record is in `#records`; what lies before it is given up by the next compaction. */
  #start = 0
  #characters = 0
  #last: Seq

  /** Empty, and waiting for the record that follows `after`. */
  constructor(after: Seq, limits: { recordsMax: number; charactersMax: number }) {
    this.#last = after
    this.#recordsMax = limits.recordsMax
    this.#charactersMax = limits.charactersMax
  }

  /** The seq of the newest record, or of the one before the first to come. */
  get last(): Seq {
    return this.#last
  }

  /** The seq of the oldest record kept, or of the first to come. */
  get first(): Seq {
    return this.#records[this.#start]?.seq ?? this.#last + 1
  }

  get empty(): boolean {
    return this.#start === this.#records.length
  }

  /** Takes the records that follow the newest one, and answers them; `gap` where something between is missing. */
  append(records: readonly EventRecord[]): readonly EventRecord[] | 'gap' {
    const fresh = records[0]?.seq === this.#last + 1 ? records : records.filter(({ seq }) => seq > this.#last)
    if (!fresh.every(({ seq }, index) => seq === this.#last + 1 + index)) return 'gap'
    for (const record of fresh) {
      this.#records.push(record)
      this.#characters += record.json.length
    }
    this.#last += fresh.length
    this.#trim()
    return fresh
  }

  /** Every kept record after `after`; the caller has seen that none before them is missing. */
  after(after: Seq): readonly EventRecord[] {
    return after >= this.#last ? [] : this.#records.slice(this.#start + Math.max(0, after + 1 - this.first))
  }

  #trim(): void {
    while (this.#records.length - this.#start > this.#recordsMax || this.#characters > this.#charactersMax) {
      const oldest = this.#records[this.#start]
      if (!oldest || this.#records.length - this.#start === 1) break
      this.#characters -= oldest.json.length
      this.#start += 1
    }
    if (this.#start <= this.#recordsMax) return
    this.#records = this.#records.slice(this.#start)
    this.#start = 0
  }
}
