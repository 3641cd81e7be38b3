import { claimsIn } from '../console/token-facts.ts'

/** Whose account a token is of. A token that was given to somebody, or that a program has, is of none. */
export function ownAccount(token: string): string | undefined {
  const claims = claimsIn(token)
  return claims?.grant?.account === claims?.subject ? claims?.subject : undefined
}
