import type { Finding } from './decoder-run.ts'
import type { DecoderName } from './decoders/all-decoders.ts'

/** What one worker is to do. The same job by a number of inputs reads the same inputs. */
export interface FuzzJob {
  readonly decoders: readonly DecoderName[]
  readonly seed: number
  /** When to end: after so many inputs for each decoder, or after so much time for all. */
  readonly until: { readonly inputsEach: number } | { readonly totalMs: number }
  /** Shared with whoever watches, so that it knows what was read last when nobody can be asked any more. */
  readonly lastInput: SharedArrayBuffer
}

/** How one decoder fared. */
export interface DecoderFigures {
  readonly decoder: DecoderName
  readonly inputs: number
  readonly elapsedMs: number
  readonly corpus: number
  /** Statements, functions and branches of its files: passed, and all. */
  readonly reached: number
  readonly places: number
  readonly findings: readonly Finding[]
}

export interface FuzzProgress {
  readonly decoders: readonly DecoderFigures[]
  /** Of the worker's heap after a collection: at the beginning, and now. */
  readonly heapStartBytes: number
  readonly heapBytes: number
  /** Its largest since the beginning, between collections. */
  readonly heapBytesMax: number
}

export type FuzzMessage = { readonly kind: 'progress' | 'done'; readonly progress: FuzzProgress }

const COUNT_AT = 0
const DECODER_AT = 1
const LENGTH_AT = 2
const HEADER_BYTES = 12
const INPUT_BYTES_MAX = 65_536

export function newLastInput(): SharedArrayBuffer {
  return new SharedArrayBuffer(HEADER_BYTES + INPUT_BYTES_MAX)
}

/** The last input of a worker, as both sides see it. */
export class LastInput {
  readonly #header: Int32Array
  readonly #bytes: Uint8Array

  constructor(shared: SharedArrayBuffer) {
    this.#header = new Int32Array(shared, 0, HEADER_BYTES / 4)
    this.#bytes = new Uint8Array(shared, HEADER_BYTES)
  }

  write(decoder: number, input: Uint8Array): void {
    this.#bytes.set(input.subarray(0, INPUT_BYTES_MAX))
    this.#header[DECODER_AT] = decoder
    this.#header[LENGTH_AT] = input.length
    Atomics.add(this.#header, COUNT_AT, 1)
  }

  /** How many inputs were begun: while it rises, nothing hangs. */
  get count(): number {
    return Atomics.load(this.#header, COUNT_AT)
  }

  read(): { readonly decoder: number; readonly input: Uint8Array } {
    const length = this.#header[LENGTH_AT] ?? 0
    return { decoder: this.#header[DECODER_AT] ?? 0, input: this.#bytes.slice(0, length) }
  }
}
