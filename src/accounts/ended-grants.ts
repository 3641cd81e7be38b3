import { type Cancel, type Clock, every } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Claims, Tokens } from '../protocol/tokens.ts'
import type { AccountStore } from '../store/account-store.ts'

export interface EndedGrantsPorts {
  readonly clock: Clock
  readonly log: Log
  readonly store: Pick<AccountStore, 'endedLately'>
}

/** How long a token is good that was exchanged for a session or an API key. */
export const GRANT_TOKEN_MS = 15 * 60_000
// Until the last token that was made before the end is over, with room for clocks that differ.
const REMEMBERED_MS = GRANT_TOKEN_MS + 5 * 60_000
const ASK_MS = 2000

/**
 * Which sessions and keys were ended lately: their tokens, which no signature can take back, are good no longer. While
 * the store is away what is known stays known, and nobody can end anything.
 */
export class EndedGrants {
  readonly #ports: EndedGrantsPorts
  #ended: ReadonlySet<string> = new Set()
  #asking: Promise<void> | undefined
  #cancel: Cancel = () => {}

  constructor(ports: EndedGrantsPorts) {
    this.#ports = ports
  }

  async start(): Promise<void> {
    await this.refresh()
    this.#cancel = every(this.#ports.clock, ASK_MS, () => {
      if (!this.#asking) void this.refresh()
    })
  }

  stop(): void {
    this.#cancel()
  }

  /** Looks for what was ended until now: an answer that is on its way may be too old. Never rejects. */
  refresh(): Promise<void> {
    const asking = (this.#asking ?? Promise.resolve()).then(() => this.#ask())
    this.#asking = asking
    return asking.finally(() => {
      if (this.#asking === asking) this.#asking = undefined
    })
  }

  async #ask(): Promise<void> {
    try {
      this.#ended = new Set(await this.#ports.store.endedLately(REMEMBERED_MS))
    } catch (error) {
      this.#ports.log.debug('Ended sessions could not be read; those that are known hold.', { error })
    }
  }

  has(claims: Claims): boolean {
    return claims.kind === 'staff' && claims.grant !== undefined && this.#ended.has(claims.grant.id)
  }
}

/** The tokens of this system, without those whose session or key was ended. */
export function tokensThatEnd(tokens: Tokens, ended: Pick<EndedGrants, 'has'>): Tokens {
  return {
    verify(token, graceMs) {
      const verdict = tokens.verify(token, graceMs)
      return verdict.kind === 'good' && ended.has(verdict.claims) ? { kind: 'bad', code: 'token-expired' } : verdict
    },
    issue: (claims, lifetimeMs) => tokens.issue(claims, lifetimeMs),
    ended: (claims) => ended.has(claims),
    refreshKeys: () => tokens.refreshKeys(),
  }
}
