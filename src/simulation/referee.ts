import type { Ledger } from './ledger.ts'
import type { Checker, Observation, Violation } from './observation.ts'

/** Shows every observation to every checker and keeps the first violation, at which the run ends. */
export class Referee {
  readonly #checkers: readonly Checker[]
  readonly #ledger: Ledger
  readonly #now: () => number
  #violation: Violation | undefined

  constructor(checkers: readonly Checker[], ledger: Ledger, now: () => number) {
    this.#checkers = checkers
    this.#ledger = ledger
    this.#now = now
  }

  get violation(): Violation | undefined {
    return this.#violation
  }

  see(observation: Observation): void {
    for (const checker of this.#checkers) this.#judge(checker.rule, checker.see(observation, this.#ledger))
  }

  end(): void {
    for (const checker of this.#checkers) this.#judge(checker.rule, checker.end?.(this.#ledger))
  }

  /** A violation that no checker sees: an assertion failed, a core did not converge. */
  report(rule: string, sentence: string): void {
    this.#judge(rule, sentence)
  }

  #judge(rule: string, sentence: string | undefined): void {
    if (sentence === undefined || this.#violation) return
    this.#violation = { rule, sentence, atMs: this.#now() }
  }
}
