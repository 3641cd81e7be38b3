/** One room as its clients saw it: what its speaker was told is kept, and what each client was given, in that order. */
export interface HeardRoom {
  /** Names of words, `speaker.n`. */
  readonly acknowledged: readonly string[]
  readonly given: readonly (readonly string[])[]
}

export interface WordLosses {
  /** Deliveries that were owed: every acknowledged word to every client of its room. */
  readonly due: number
  readonly lost: number
  readonly duplicated: number
  /** Words given after a later word of the same speaker. */
  readonly reordered: number
}

/** What became of words that were acknowledged. Those never acknowledged may have been given or not. */
export function wordLosses(rooms: readonly HeardRoom[]): WordLosses {
  let [due, lost, duplicated, reordered] = [0, 0, 0, 0]
  for (const { acknowledged, given } of rooms)
    for (const words of given) {
      const once = new Set(words)
      due += acknowledged.length
      lost += acknowledged.filter((word) => !once.has(word)).length
      duplicated += words.length - once.size
      let last = 0
      // A word that comes twice counts as a duplicate alone.
      for (const word of once) {
        const n = Number(word.slice(word.lastIndexOf('.') + 1))
        if (n < last) reordered += 1
        last = Math.max(last, n)
      }
    }
  return { due, lost, duplicated, reordered }
}
