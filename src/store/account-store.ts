/** What somebody who signs in may be; what each role may do is in `protocol/staff-roles.ts`. */
export type StoredRole = 'admin' | 'supervisor' | 'agent' | 'auditor'

/** A person who may sign in. */
export interface Account {
  /** Never changes and is never given twice: the participant in conversations. */
  readonly id: string
  /** What is typed at the door; small letters, unique. */
  readonly name: string
  /** What others see. */
  readonly displayName: string
  readonly roles: readonly StoredRole[]
  readonly disabled: boolean
  /** The hash of the password; absent: it cannot be used. Never leaves the program. */
  readonly passwordHash?: string
  /** Who it is at the sign-in provider: issuer and subject in one text. */
  readonly identity?: string
  /** Milliseconds since 1970, store time. */
  readonly madeAt: number
  /** When a session of it was last used, though that may be gone; absent: never. */
  readonly seenAt?: number
}

export type AccountDraft = Omit<Account, 'madeAt' | 'seenAt' | 'disabled'>

/** What shall be otherwise. A change of roles, password or `disabled` ends the sessions of the account. */
export interface AccountChange {
  readonly displayName?: string
  readonly roles?: readonly StoredRole[]
  readonly disabled?: boolean
  readonly passwordHash?: string
}

export type AccountOutcome =
  | { readonly kind: 'changed' }
  | { readonly kind: 'unknown' }
  /** Nobody would be left who could undo it. */
  | { readonly kind: 'last-admin' }

/** One sign-in of one browser. What the browser holds is known here by its hash alone. */
export interface Session {
  /** Names it to people and in tokens; opens nothing. */
  readonly id: string
  readonly account: string
  readonly via: 'password' | 'provider' | 'set-up'
  readonly address: string
  /** What the browser says it is. */
  readonly browser: string
  readonly madeAt: number
  readonly seenAt: number
  /** It ends then, whatever is done with it. */
  readonly endsAt: number
}

export interface SessionDraft extends Omit<Session, 'madeAt' | 'seenAt' | 'endsAt'> {
  readonly hash: string
  readonly lifetimeMs: number
  /** It ends when it was not used for so long. */
  readonly idleMs: number
}

/** How a session is found: by what the browser holds, or by its name. */
export type SessionHandle = { readonly hash: string } | { readonly id: string }

/** What a program signs in with. */
export interface ApiKey {
  readonly id: string
  readonly name: string
  readonly scopes: readonly string[]
  /** The name of who made it. */
  readonly madeBy: string
  readonly madeAt: number
  /** To the minute. */
  readonly usedAt?: number
  readonly endsAt?: number
  readonly revokedAt?: number
}

export interface ApiKeyDraft extends Pick<ApiKey, 'id' | 'name' | 'scopes' | 'madeBy'> {
  readonly hash: string
  readonly lifetimeMs?: number
}

/** Attempts to sign in under one name or from one address since the last one that succeeded. */
export interface Attempts {
  readonly failures: number
  readonly lastAt: number
  /** Nobody is let try before. */
  readonly blockedUntil: number
}

export interface StoredAttempts extends Attempts {
  readonly key: string
  /** Rises with each change; 0: there were none. */
  readonly version: number
}

/**
 * People, their sessions, and the keys of programs. Secrets come in as hashes only. Same rejections as `LogStore`; what
 * makes something has its id from its caller, so that after an `IndefiniteOutcome` it is sent again as it was.
 */
export interface AccountStore {
  /** In the order of their names. */
  accounts(): Promise<readonly Account[]>
  account(
    by: { readonly id: string } | { readonly name: string } | { readonly identity: string },
  ): Promise<Account | undefined>
  createAccount(draft: AccountDraft): Promise<{ kind: 'created' } | { kind: 'taken' }>
  /** `keepSession` stays where a change ends all others. */
  changeAccount(id: string, change: AccountChange, keepSession?: string): Promise<AccountOutcome>
  /** A better hash of the same password, where the present one is still `from`. Ends nothing. */
  renewPasswordHash(id: string, from: string, to: string): Promise<void>
  /** Its sessions end with it. */
  removeAccount(id: string): Promise<AccountOutcome>

  /** Lets the holder of a link make the first account. `false`: there is an account already. */
  offerSetUp(linkHash: string, lifetimeMs: number): Promise<boolean>
  /** Whether the holder of a link may still make the first account. */
  setUpIsOffered(linkHash: string): Promise<boolean>
  /** The first account; all links are void with it. */
  setUp(linkHash: string, draft: AccountDraft): Promise<{ kind: 'created' } | { kind: 'refused' }>

  openSession(draft: SessionDraft): Promise<void>
  /** A session that is good, with its account, which is not disabled; it counts as used now. */
  touchSession(handle: SessionHandle): Promise<{ session: Session; account: Account } | undefined>
  /** Those that are good, the latest used first. */
  sessions(account: string): Promise<readonly Session[]>
  /** `false`: the account has no such session. */
  endSession(account: string, id: string): Promise<boolean>

  createApiKey(draft: ApiKeyDraft): Promise<void>
  /** All, the revoked ones too, the latest first. */
  apiKeys(): Promise<readonly ApiKey[]>
  /** A key that is good; it counts as used now. */
  touchApiKey(hash: string): Promise<ApiKey | undefined>
  apiKeyIsGood(id: string): Promise<boolean>
  revokeApiKey(id: string): Promise<boolean>

  /** The ids of sessions and keys that were ended within the last `withinMs`: what was exchanged for them is void. */
  endedLately(withinMs: number): Promise<readonly string[]>

  /** What is known of each key, and the time by the store's clock. */
  attempts(keys: readonly string[]): Promise<{ readonly now: number; readonly attempts: readonly StoredAttempts[] }>
  /** All or none, each from the version that was read. `false`: somebody else was quicker. */
  putAttempts(changed: readonly StoredAttempts[]): Promise<boolean>
  forgetAttempts(keys: readonly string[]): Promise<void>
}
