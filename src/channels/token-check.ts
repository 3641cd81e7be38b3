import type { Clock } from '../base/clock.ts'
import type { Claims, Tokens } from '../protocol/tokens.ts'

export type TokenJudgement =
  | { readonly kind: 'good'; readonly claims: Claims; readonly expiresAtMs: number }
  | { readonly kind: 'bad'; readonly code: 'token-invalid' | 'token-expired' }
  /** The keys could not be read: nothing is known against the token. */
  | { readonly kind: 'store-away' }

// Keys are published long before they sign, so whoever invents keys makes the store be read so often and no more.
const READ_EVERY_MS = 1000

/** Judges tokens; a key that is not known is looked for in the store once, together for all who wait for it. */
export class TokenCheck {
  readonly #clock: Clock
  readonly #tokens: Tokens
  #reading: Promise<boolean> | undefined
  #readAtMs = Number.NEGATIVE_INFINITY

  constructor({ clock, tokens }: { clock: Clock; tokens: Tokens }) {
    this.#clock = clock
    this.#tokens = tokens
  }

  /** Calls `judged` at once where the key is known. */
  check(token: string, judged: (judgement: TokenJudgement) => void): void {
    const verdict = this.#tokens.verify(token)
    if (verdict.kind !== 'unknown-key') return judged(verdict)
    if (this.#clock.monotonicMs() - this.#readAtMs < READ_EVERY_MS)
      return judged({ kind: 'bad', code: 'token-invalid' })
    void this.#readKeys().then((read) => {
      const again = this.#tokens.verify(token)
      if (again.kind !== 'unknown-key') judged(again)
      else judged(read ? { kind: 'bad', code: 'token-invalid' } : { kind: 'store-away' })
    })
  }

  #readKeys(): Promise<boolean> {
    this.#reading ??= this.#tokens.refreshKeys().then((read) => {
      this.#reading = undefined
      if (read) this.#readAtMs = this.#clock.monotonicMs()
      return read
    })
    return this.#reading
  }
}
