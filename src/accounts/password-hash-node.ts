import { hash, parseOptions, verify } from '@node-rs/argon2'
import { normalPassword } from './password-rule.ts'

// argon2id (2) with one of the choices that OWASP's Password Storage Cheat Sheet calls equal: 19 MiB, two passes, one lane.
const PARAMETERS = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const
// Each takes a thread of the pool that files and name look-ups need, too.
const AT_ONCE_MAX = 2
const WAITING_MAX = 64

/** Makes and checks hashes of passwords. */
export interface Passwords {
  hash(password: string): Promise<string>
  /** `busy`: too many wait already. Without a hash it takes as long and fails. */
  check(password: string, hash: string | undefined): Promise<'right' | 'wrong' | 'busy'>
  /** The hash is weaker than those that are made now. */
  isOutdated(hash: string): boolean
}

/** argon2id, a few at a time. */
export function argonPasswords(): Passwords {
  const turns = new Turns()
  // Whoever has no password is checked against this, so that nobody learns from the time which names there are.
  const nobody = hash(crypto.randomUUID(), PARAMETERS)
  return {
    hash: (password) => turns.take(() => hash(normalPassword(password), PARAMETERS)),
    async check(password, known) {
      if (turns.crowded) return 'busy'
      const against = known ?? (await nobody)
      const right = await turns.take(() => verify(against, normalPassword(password)).catch(() => false))
      return right && known !== undefined ? 'right' : 'wrong'
    },
    isOutdated(known) {
      const { algorithm, memoryCost, timeCost, parallelism } = parseOptions(known)
      const made = PARAMETERS
      return (
        algorithm !== made.algorithm ||
        memoryCost !== made.memoryCost ||
        timeCost !== made.timeCost ||
        parallelism !== made.parallelism
      )
    },
  }
}

/** Lets a few work at a time, the others after them. */
class Turns {
  readonly #waiting: (() => void)[] = []
  #working = 0

  get crowded(): boolean {
    return this.#waiting.length >= WAITING_MAX
  }

  async take<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#working >= AT_ONCE_MAX) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#working += 1
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#working -= 1
    }
  }
}
