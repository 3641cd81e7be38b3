/** The words of one speaker, from number `from` to number `to`. */
export interface SaidWords {
  readonly speaker: string
  readonly from: number
  readonly to: number
}

/** Which words a client was given: by speaker and number, each once, and how often one came again. */
export class GivenWords {
  readonly #bySpeaker = new Map<string, Set<number>>()
  #different = 0
  #again = 0

  /** `name`: `speaker.n`, as it stands in the text of a word. */
  add(name: string): void {
    const dot = name.lastIndexOf('.')
    const speaker = name.slice(0, dot)
    const numbers = this.#bySpeaker.get(speaker) ?? this.#newSpeaker(speaker)
    const before = numbers.size
    numbers.add(Number(name.slice(dot + 1)))
    if (numbers.size > before) this.#different += 1
    else this.#again += 1
  }

  /** How many different ones. */
  get different(): number {
    return this.#different
  }

  /** These words, each once, and nothing else. */
  are({ speaker, from, to }: SaidWords): boolean {
    const count = to - from + 1
    if (this.#again > 0 || this.#different !== count) return false
    const numbers = this.#bySpeaker.get(speaker) ?? new Set()
    for (let n = from; n <= to; n++) if (!numbers.has(n)) return false
    return true
  }

  #newSpeaker(speaker: string): Set<number> {
    const numbers = new Set<number>()
    // Joined anew: a part of a frame would keep the whole frame in memory, for each of thousands of clients.
    this.#bySpeaker.set([...speaker].join(''), numbers)
    return numbers
  }
}
