import type { ConversationId } from '../base/ids.ts'
import type { RefusalCode } from '../base/refusals.ts'
import type { Role } from '../conversation/event.ts'

/** What staff may do. `conversations`: read and take part in all; `admin`: nodes and settings. */
export type Scope = 'conversations' | 'tokens' | 'admin'

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

export interface StaffClaims {
  readonly kind: 'staff'
  readonly subject: string
  readonly name: string
  readonly role: Exclude<Role, 'visitor'>
  readonly scopes: readonly Scope[]
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
  /** Reads the published keys once. `false`: the store is away, nothing can be said about the token. */
  refreshKeys(): Promise<boolean>
}

/** Who may do what to a conversation: the one place where it is decided. */
export function mayReach(claims: Claims, conversation: ConversationId): boolean {
  return claims.kind === 'visitor' ? claims.conversation === conversation : claims.scopes.includes('conversations')
}

/** The sender that a token stands for. */
export function senderOf(claims: Claims): { id: string; role: Role; name: string } {
  return { id: claims.subject, name: claims.name, role: claims.kind === 'visitor' ? 'visitor' : claims.role }
}
