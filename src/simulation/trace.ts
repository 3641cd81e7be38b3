// 40 lines are shown with a failure; more are kept so that a filter still finds something.
const RING = 400

/**
 * What happened, in order: a bounded ring of lines for people and a hash over all of them, by which two runs of one
 * seed are compared. The hash is two interleaved 32-bit FNV-1a lanes: not secret, only wide enough.
 */
export class Trace {
  readonly #ring: string[] = []
  readonly #sink: ((line: string) => void) | undefined
  #low = 0x811c9dc5
  #high = 0x050c5d1f
  #lines = 0

  /** `sink` gets every line, for `--trace`. */
  constructor(sink?: (line: string) => void) {
    this.#sink = sink
  }

  line(nowMs: number, actor: string, what: string): void {
    const line = `${nowMs.toFixed(3).padStart(11)} ${actor.padEnd(8)} ${what}`
    this.#hash(line)
    this.#ring[this.#lines % RING] = line
    this.#lines++
    this.#sink?.(line)
  }

  /** The last lines, oldest first. */
  last(count: number): readonly string[] {
    const from = Math.max(0, this.#lines - Math.min(count, RING))
    return Array.from({ length: this.#lines - from }, (_, i) => this.#ring[(from + i) % RING] ?? '')
  }

  get lines(): number {
    return this.#lines
  }

  hash(): string {
    const hex = (lane: number) => (lane >>> 0).toString(16).padStart(8, '0')
    return hex(this.#high) + hex(this.#low)
  }

  #hash(line: string): void {
    let low = this.#low
    let high = this.#high
    for (let i = 0; i < line.length; i++) {
      const code = line.charCodeAt(i)
      low = Math.imul(low ^ code, 0x01000193)
      high = Math.imul(high ^ (code + i), 0x01000193)
    }
    this.#low = low
    this.#high = high
  }
}
