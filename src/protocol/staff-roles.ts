import type { Scope, StaffClaims } from './tokens.ts'

/** What an account may be; several at once. */
export type AccountRole = 'admin' | 'supervisor' | 'agent' | 'auditor'

/** What each role may do, by the scopes of its tokens. */
export const ROLE_SCOPES: Readonly<Record<AccountRole, readonly Scope[]>> = {
  admin: ['conversations', 'tokens', 'audit', 'admin'],
  supervisor: ['conversations'],
  agent: ['conversations'],
  auditor: ['audit'],
}

export const ACCOUNT_ROLES = Object.keys(ROLE_SCOPES) as readonly AccountRole[]

/** All that several roles may do together. */
export function scopesOf(roles: readonly AccountRole[]): readonly Scope[] {
  return [...new Set(roles.flatMap((role) => ROLE_SCOPES[role]))]
}

/** What somebody of these roles is in a conversation. */
export function conversationRoleOf(roles: readonly AccountRole[]): StaffClaims['role'] {
  return roles.includes('supervisor') || roles.includes('admin') ? 'supervisor' : 'agent'
}
