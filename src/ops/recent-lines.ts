const KEPT_LENGTH_MAX = 128 * 1024

/** The newest lines of a node's log, for support: what went to standard output is on a machine that nobody may reach. */
export class RecentLines {
  readonly #lengthMax: number
  #lines: string[] = []
  #length = 0

  constructor(lengthMax: number = KEPT_LENGTH_MAX) {
    this.#lengthMax = lengthMax
  }

  write(line: string): void {
    this.#lines.push(line.trimEnd())
    this.#length += line.length
    // Cut in halves, so that not every line moves all others.
    if (this.#length < this.#lengthMax * 2) return
    this.#lines = this.lines()
    this.#length = this.#lines.reduce((sum, each) => sum + each.length, 0)
  }

  /** Oldest first. */
  lines(): string[] {
    let [from, length] = [this.#lines.length, 0]
    while (from > 0 && length + (this.#lines[from - 1]?.length ?? 0) <= this.#lengthMax)
      length += this.#lines[--from]?.length ?? 0
    return this.#lines.slice(from)
  }
}
