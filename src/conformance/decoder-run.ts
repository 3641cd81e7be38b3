import type { Clock } from '../base/clock.ts'
import { bytesOf } from '../chaos/frame-bytes.ts'
import { Corpus } from './corpus.ts'
import type { CoverageMap } from './coverage-map.ts'
import type { FuzzedDecoder } from './fuzzed-decoder.ts'
import { at, type Dice, mutated } from './mutation.ts'

/** An input that a decoder did not take as it promises. */
export interface Finding {
  readonly kind: 'broken-promise' | 'slow' | 'death' | 'hang'
  readonly sentence: string
  readonly input: Uint8Array
}

interface DecoderRunPorts {
  readonly decoder: FuzzedDecoder
  readonly coverage: CoverageMap
  readonly dice: Dice
  readonly clock: Pick<Clock, 'monotonicMs'>
  /** Whole inputs by fast-check, without end. */
  readonly drawn: Iterator<string | Uint8Array>
  /** Told before each input is read: whoever watches from outside knows it when it was the last one. */
  readonly reads: (input: Uint8Array) => void
}

// Nothing is mended by the thousandth input of one kind.
const FINDINGS_MAX = 5
const BYTES_MAX = 4096
/** Far beyond what 4 KiB may take: only something quadratic or worse comes near it. */
const SLOW_MS = 500
const SLOW_TIMES = 3
/** Every so many inputs one is drawn whole, and one is made of nothing but chance. */
const DRAWN_EVERY = 5
const SHRINK_ATTEMPTS = 400

/** The search of one decoder: inputs that reach something new are kept, and changed further. */
export class DecoderRun {
  readonly #ports: DecoderRunPorts
  readonly #corpus = new Corpus()
  readonly #findings = new Map<string, Finding>()
  #inputs = 0

  constructor(ports: DecoderRunPorts) {
    this.#ports = ports
  }

  get inputs(): number {
    return this.#inputs
  }

  get corpusSize(): number {
    return this.#corpus.size
  }

  get findings(): readonly Finding[] {
    return [...this.#findings.values()]
  }

  /** It has found so much that it is read no more. */
  get exhausted(): boolean {
    return this.#findings.size >= FINDINGS_MAX
  }

  /** Reads what the search begins with. */
  async begin(): Promise<void> {
    for (const seed of this.#ports.decoder.seeds) {
      this.#corpus.add(bytesOf(seed))
      await this.#try(bytesOf(seed))
    }
  }

  /** Reads so many inputs more. */
  async go(inputs: number): Promise<void> {
    for (let left = inputs; left > 0 && !this.exhausted; left--) await this.#try(this.#next())
  }

  #next(): Uint8Array {
    const { dice, drawn, decoder } = this.#ports
    if (at(dice, DRAWN_EVERY) === 0) return bytesOf(drawn.next().value ?? '').slice(0, BYTES_MAX)
    const other = this.#corpus.draw(dice)
    return mutated(this.#corpus.draw(dice), { dice, other, words: decoder.words, bytesMax: BYTES_MAX })
  }

  async #try(input: Uint8Array): Promise<void> {
    const { coverage } = this.#ports
    const { fault, tookMs } = await this.#timed(input)
    if (coverage.take()) this.#corpus.add(input)
    if (fault !== undefined) await this.#found(fault, input)
    else if (tookMs > SLOW_MS && (await this.#isSlow(input))) this.#note('slow', `It takes ${SLOW_MS} ms.`, input)
  }

  async #timed(input: Uint8Array): Promise<{ readonly fault: string | undefined; readonly tookMs: number }> {
    const { clock } = this.#ports
    const startMs = clock.monotonicMs()
    const fault = await this.#read(input)
    return { fault, tookMs: clock.monotonicMs() - startMs }
  }

  /** A busy machine makes any input slow once, and not each time that it is read. */
  async #isSlow(input: Uint8Array): Promise<boolean> {
    for (let left = SLOW_TIMES; left > 0; left--) if ((await this.#timed(input)).tookMs <= SLOW_MS) return false
    return true
  }

  /** The sentence of what went wrong; a decoder that is not asynchronous is not waited for. */
  async #read(input: Uint8Array): Promise<string | undefined> {
    this.#ports.reads(input)
    this.#inputs += 1
    try {
      const reading = this.#ports.decoder.read(input)
      if (reading) await reading
      return undefined
    } catch (error) {
      return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    }
  }

  /** Pieces are left out as long as the same fault stays: people read findings. */
  async #found(sentence: string, input: Uint8Array): Promise<void> {
    if (this.#findings.has(sentence)) return
    let least = input
    let attempts = SHRINK_ATTEMPTS
    for (let size = Math.ceil(least.length / 2); size >= 1 && attempts > 0; size = Math.floor(size / 2))
      for (let from = 0; from < least.length && attempts > 0; attempts--) {
        const shorter = Uint8Array.from([...least.slice(0, from), ...least.slice(from + size)])
        if ((await this.#read(shorter)) === sentence) least = shorter
        else from += size
      }
    this.#note('broken-promise', sentence, least)
  }

  #note(kind: Finding['kind'], sentence: string, input: Uint8Array): void {
    if (!this.#findings.has(sentence)) this.#findings.set(sentence, { kind, sentence, input: input.slice() })
  }
}
