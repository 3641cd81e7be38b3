import { isId } from '../base/ids.ts'
import type { Claims, Tokens, TokenVerdict } from '../protocol/tokens.ts'

const MARK = 'simulated.'

/** Tokens without cryptography: whoever can write one may, as nobody attacks here. Expiry is judged as in earnest. */
export function simulatedTokens(wallMs: () => number): Tokens {
  return {
    verify(token): TokenVerdict {
      if (!token.startsWith(MARK)) return { kind: 'bad', code: 'token-invalid' }
      const { claims, expiresAtMs } = JSON.parse(token.slice(MARK.length)) as { claims: Claims; expiresAtMs: number }
      if (claims.kind === 'visitor' && !isId(claims.conversation)) return { kind: 'bad', code: 'token-invalid' }
      return expiresAtMs <= wallMs() ? { kind: 'bad', code: 'token-expired' } : { kind: 'good', claims, expiresAtMs }
    },
    issue: (claims, lifetimeMs) => MARK + JSON.stringify({ claims, expiresAtMs: wallMs() + lifetimeMs }),
    refreshKeys: async () => true,
  }
}
