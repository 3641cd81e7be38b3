import type { Scope, StaffClaims } from '../../protocol/tokens.ts'

/**
 * Who somebody is by his own token, where it is one of staff that can be read. Nothing is proven by it: who changes his
 * token sees more of the console, and is refused by the server.
 */
export function claimsIn(token: string): StaffClaims | undefined {
  const claims = payloadOf(token)
  if (claims?.kind !== 'staff' || typeof claims.name !== 'string' || !Array.isArray(claims.scopes)) return undefined
  return { ...(claims as unknown as StaffClaims), subject: String(claims.sub) }
}

function payloadOf(token: string): Readonly<Record<string, unknown>> | undefined {
  const base64 = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')
  try {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
    const payload: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return typeof payload === 'object' && payload !== null ? { ...payload } : undefined
  } catch {
    return undefined
  }
}

/** What somebody is called by what he may: the roles of his account, or what a key of programs is for. */
export function rolesOf({ scopes, role }: Pick<StaffClaims, 'scopes' | 'role'>): readonly string[] {
  const may = (scope: Scope) => scopes.includes(scope)
  if (may('admin')) return ['admin']
  return [may('conversations') ? role : '', may('audit') ? 'auditor' : '', may('tokens') ? 'tokens' : ''].filter(
    (name) => name !== '',
  )
}
