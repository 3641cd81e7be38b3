import type { Arbitrary } from 'fast-check'

/** Something that reads what others wrote, and what it promises whatever they write. */
export interface FuzzedDecoder {
  /** Good inputs to begin with. */
  readonly seeds: readonly (string | Uint8Array)[]
  /** Words of its language, to be put in anywhere. */
  readonly words: readonly string[]
  /** Whole inputs that are nearly right, which chance would not find. */
  readonly drawn: Arbitrary<string | Uint8Array>
  /** Reads one input; throws where a promise is broken. What it leaves behind must not change the next reading. */
  read(input: Uint8Array): void | Promise<void>
}

/** A promise that does not hold; the message is what a person reads first. */
export function mustHold(holds: boolean, sentence: string): asserts holds {
  if (!holds) throw new BrokenPromise(sentence)
}

class BrokenPromise extends Error {
  override readonly name = 'BrokenPromise'
}
