import type { AccountRow } from '../../protocol/account-answers.ts'
import { ACCOUNT_ROLES, type AccountRole } from '../../protocol/staff-roles.ts'

/** What each role may do, in a sentence for whoever gives it. */
export const ROLE_MEANINGS: Readonly<Record<AccountRole, string>> = {
  admin: 'Changes everything, accounts too.',
  supervisor: 'Takes part in all conversations, and transfers those of others.',
  agent: 'Takes part in all conversations.',
  auditor: 'Reads everything administrative, changes nothing.',
}

/** Accounts in which every word of a search stands: in a name, a role, or `disabled`. */
export function found(accounts: readonly AccountRow[], search: string): readonly AccountRow[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  return accounts.filter(({ name, displayName, roles, disabled }) => {
    const text = [name, displayName, ...roles, disabled ? 'disabled' : ''].join(' ').toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

/** How an account comes in. */
export function waysText({ password, provider }: Pick<AccountRow, 'password' | 'provider'>): string {
  if (password && provider) return 'Password or provider'
  if (password) return 'Password'
  return provider ? 'Provider' : 'No way in yet'
}

/** The same roles in the order of the table, however they were ticked. */
export function inRoleOrder(roles: readonly AccountRole[]): readonly AccountRole[] {
  return ACCOUNT_ROLES.filter((role) => roles.includes(role))
}

export function sameRoles(one: readonly AccountRole[], other: readonly AccountRole[]): boolean {
  return inRoleOrder(one).join() === inRoleOrder(other).join()
}

// The first that fits: Edge and Opera say that they are Chrome, and Chrome that it is Safari.
const BROWSERS = [
  ['Edge', /\bEdgA?\//],
  ['Opera', /\bOPR\//],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Firefox', /\b(?:Firefox|FxiOS)\//],
  ['Chrome', /\b(?:Headless)?(?:Chrome|CriOS)\//],
  ['Safari', /\bSafari\//],
] as const
const SYSTEMS = [
  ['Android', /\bAndroid\b/],
  ['iPhone', /\biPhone\b/],
  ['iPad', /\biPad\b/],
  ['Windows', /\bWindows\b/],
  ['macOS', /\bMac OS X\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['Linux', /\bLinux\b/],
] as const

/** What a browser says of itself, for a person: `Firefox on Linux`. */
export function browserText(userAgent: string): string {
  const browser = BROWSERS.find(([, sign]) => sign.test(userAgent))?.[0]
  const system = SYSTEMS.find(([, sign]) => sign.test(userAgent))?.[0]
  if (browser && system) return `${browser} on ${system}`
  return browser ?? (userAgent.trim().split(/[\s/]/)[0] || 'Unknown browser')
}
