import { type Claims, holds, mayReach, type Scope } from '../protocol/tokens.ts'

/**
 * Who may use a route.
 * - `public`: anybody.
 * - `door`: anybody, but no page of another site: here people sign in.
 * - `cookie`: whose browser has a session, and no page of another site. A cookie opens these routes and nothing else.
 * - `giver`: who asks for nothing but a visitor's token for himself brings none; everybody else gives scope `tokens`.
 * - `conversation`: whoever may reach the conversation in its path, by the same rule as on a socket.
 * - `staff`: any token of staff.
 * - `set-up`: whose token gives scope `admin`; until there is an account, who holds a set-up link that is good.
 * - `account-read`: whose account it is, and who may read all of them; `account-change`: and who may change them.
 * - a scope: whose token gives it.
 */
export type Access =
  | 'public'
  | 'door'
  | 'cookie'
  | 'giver'
  | 'conversation'
  | 'staff'
  | 'set-up'
  | 'account-read'
  | 'account-change'
  | Scope

/** The kinds of access for which a token is looked at. */
export type TokenAccess = Exclude<Access, 'public' | 'door' | 'cookie'>

/** Whether the holder of a token may use a route; `id` is what the path names. */
export function allows(access: TokenAccess, claims: Claims, id: string): boolean {
  switch (access) {
    case 'conversation':
      return mayReach(claims, id)
    case 'giver':
      return holds(claims, 'tokens')
    case 'staff':
      return claims.kind === 'staff'
    case 'set-up':
      return holds(claims, 'admin')
    case 'account-read':
      return isOwnAccount(claims, id) || holds(claims, 'audit')
    case 'account-change':
      return isOwnAccount(claims, id) || holds(claims, 'admin')
    case 'conversations':
    case 'tokens':
    case 'audit':
    case 'admin':
      return holds(claims, access)
  }
}

/** A token that was given to another one names that one as its subject: it is not the account's own. */
export function isOwnAccount(claims: Claims, account: string): boolean {
  return claims.kind === 'staff' && claims.grant?.account === account && claims.subject === account
}

/** What a request says of where it comes from. */
export interface RequestOrigin {
  /** `Sec-Fetch-Site` */
  readonly site: string | undefined
  /** `Origin` */
  readonly origin: string | undefined
  /** The addresses of this system, the one that was asked among them. */
  readonly own: readonly string[]
}

/**
 * Whether a request that is worth something by the browser's cookie comes from a page of ours. Browsers say so
 * themselves and no page can make them lie: `Sec-Fetch-Site` where the address is trustworthy, else `Origin`. A request
 * with neither comes from no browser, so that nobody's cookie is misused.
 */
export function isFromOwnPage({ site, origin, own }: RequestOrigin): boolean {
  if (site !== undefined) return site === 'same-origin'
  return origin === undefined || own.includes(origin)
}
