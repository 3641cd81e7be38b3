import type { ConversationId } from '../base/ids.ts'
import type { RefusalCode } from '../base/refusals.ts'
import type { Role } from '../conversation/event.ts'

/**
 * What staff may do. `conversations`: read and take part in all; `tokens`: make tokens for others; `audit`: read all
 * that administrators read, change nothing; `admin`: change it, too.
 */
export const SCOPES = ['conversations', 'tokens', 'audit', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

/** A visitor's token names one conversation and the system that made it. */
export interface VisitorClaims {
  readonly kind: 'visitor'
  readonly subject: string
  readonly name: string
  readonly conversation: ConversationId
  /** `publicUrl` of the system that serves this conversation. */
  readonly system: string
  /** What the conversation is about, where the page or its server said so: its subject once it opens. */
  readonly topic?: string
  /** Where the visitor wants mail, as whoever gave the token said. */
  readonly email?: string
}

/** What a staff token was exchanged for. The token is good only while that is. */
export interface Grant {
  readonly kind: 'session' | 'key'
  /** Of the session or the API key. */
  readonly id: string
  /** Whose session it is. */
  readonly account?: string
  /** When it ends at the latest, milliseconds since 1970. */
  readonly endsAt?: number
}

export interface StaffClaims {
  readonly kind: 'staff'
  readonly subject: string
  readonly name: string
  readonly role: Exclude<Role, 'visitor'>
  readonly scopes: readonly Scope[]
  /** Absent on a token that whoever knows the cluster's secret signed by himself. */
  readonly grant?: Grant
}

export type Claims = VisitorClaims | StaffClaims

export type TokenVerdict =
  | { readonly kind: 'good'; readonly claims: Claims; readonly expiresAtMs: number }
  | { readonly kind: 'bad'; readonly code: Extract<RefusalCode, 'token-invalid' | 'token-expired'> }
  /** The key is not known here yet; `refreshKeys` once, then ask again. A store that is away is never a 401 or 403. */
  | { readonly kind: 'unknown-key' }

/** Tokens as the channels see them. Verifying is synchronous so that a frame is handled in one step. */
export interface Tokens {
  /** `graceMs`: how long past its end a token still counts as good; only for exchanging it for a fresh one. */
  verify(token: string, graceMs?: number): TokenVerdict
  issue(claims: Claims, lifetimeMs: number): string
  /** Whether what the token was exchanged for was ended since. Sockets ask for as long as they are open. */
  ended?(claims: Claims): boolean
  /** Reads the published keys once. `false`: the store is away, nothing can be said about the token. */
  refreshKeys(): Promise<boolean>
}

/** Who may do what to a conversation: the one place where it is decided. */
export function mayReach(claims: Claims, conversation: ConversationId): boolean {
  return claims.kind === 'visitor' ? claims.conversation === conversation : claims.scopes.includes('conversations')
}

/** Whether a token gives a scope: who may change what administrators see may read it. */
export function holds(claims: Claims, scope: Scope): boolean {
  if (claims.kind !== 'staff') return false
  return claims.scopes.includes(scope) || (scope === 'audit' && claims.scopes.includes('admin'))
}

/** The sender that a token stands for. */
export function senderOf(claims: Claims): { id: string; role: Role; name: string } {
  return { id: claims.subject, name: claims.name, role: claims.kind === 'visitor' ? 'visitor' : claims.role }
}
