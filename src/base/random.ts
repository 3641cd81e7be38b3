/** Dice as the rest of the program may throw them. The simulator replaces them. */
export interface Random {
  /** Uniform in [0, 1). For jitter and choices, never for secrets. */
  fraction(): number
  /** 63 unpredictable bits in the text form of `ids.ts`. */
  id(): string
}
