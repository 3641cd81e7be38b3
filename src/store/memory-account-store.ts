import type {
  Account,
  AccountChange,
  AccountDraft,
  AccountOutcome,
  AccountStore,
  ApiKey,
  ApiKeyDraft,
  Session,
  SessionDraft,
  SessionHandle,
  StoredAttempts,
} from './account-store.ts'

interface KeptSession extends Session {
  readonly hash: string
  readonly idleMs: number
  readonly endedAt?: number
}

interface KeptKey extends ApiKey {
  readonly hash: string
}

/** The accounts of tests. */
export class MemoryAccountStore implements AccountStore {
  readonly #now: () => number
  readonly #accounts = new Map<string, Account>()
  readonly #links = new Map<string, number>()
  readonly #sessions = new Map<string, KeptSession>()
  readonly #keys = new Map<string, KeptKey>()
  readonly #attempts = new Map<string, StoredAttempts>()

  constructor(now: () => number) {
    this.#now = now
  }

  async accounts() {
    return [...this.#accounts.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
  }

  async account(by: { id: string } | { name: string } | { identity: string }) {
    return [...this.#accounts.values()].find((account) =>
      'id' in by ? account.id === by.id : 'name' in by ? account.name === by.name : account.identity === by.identity,
    )
  }

  async createAccount(draft: AccountDraft) {
    const known = this.#accounts.get(draft.id)
    if (known) return { kind: known.name === draft.name ? 'created' : 'taken' } as const
    const taken = [...this.#accounts.values()].some(
      ({ name, identity }) => name === draft.name || (identity !== undefined && identity === draft.identity),
    )
    if (taken) return { kind: 'taken' } as const
    this.#accounts.set(draft.id, { ...draft, disabled: false, madeAt: this.#now() })
    return { kind: 'created' } as const
  }

  async changeAccount(id: string, change: AccountChange, keepSession?: string): Promise<AccountOutcome> {
    const account = this.#accounts.get(id)
    if (!account) return { kind: 'unknown' }
    const changed = { ...account, ...change }
    if (!this.#adminRemains(account, changed)) return { kind: 'last-admin' }
    this.#accounts.set(id, changed)
    const roles = (of: Account) => of.roles.join()
    if (change.passwordHash || changed.disabled !== account.disabled || roles(changed) !== roles(account))
      this.#endAll(id, keepSession)
    return { kind: 'changed' }
  }

  async renewPasswordHash(id: string, from: string, to: string) {
    const account = this.#accounts.get(id)
    if (account?.passwordHash === from) this.#accounts.set(id, { ...account, passwordHash: to })
  }

  async removeAccount(id: string): Promise<AccountOutcome> {
    const account = this.#accounts.get(id)
    if (!account) return { kind: 'unknown' }
    if (!this.#adminRemains(account, undefined)) return { kind: 'last-admin' }
    this.#accounts.delete(id)
    this.#endAll(id)
    return { kind: 'changed' }
  }

  async offerSetUp(linkHash: string, lifetimeMs: number) {
    if (this.#accounts.size > 0) return false
    this.#links.set(linkHash, this.#now() + lifetimeMs)
    return true
  }

  async setUpIsOffered(linkHash: string) {
    return this.#accounts.size === 0 && (this.#links.get(linkHash) ?? 0) > this.#now()
  }

  async setUp(linkHash: string, draft: AccountDraft) {
    if (this.#accounts.has(draft.id)) return { kind: 'created' } as const
    const endsAt = this.#links.get(linkHash) ?? 0
    if (this.#accounts.size > 0 || endsAt <= this.#now()) return { kind: 'refused' } as const
    this.#links.clear()
    await this.createAccount(draft)
    return { kind: 'created' } as const
  }

  async openSession({ lifetimeMs, ...draft }: SessionDraft) {
    const now = this.#now()
    if (this.#sessions.has(draft.id)) return
    this.#sessions.set(draft.id, { ...draft, madeAt: now, seenAt: now, endsAt: now + lifetimeMs })
    this.#seen(draft.account)
  }

  async touchSession(handle: SessionHandle) {
    const kept = [...this.#sessions.values()].find((each) =>
      'id' in handle ? each.id === handle.id : each.hash === handle.hash,
    )
    const account = kept && this.#accounts.get(kept.account)
    if (!kept || !account || account.disabled || !this.#isGood(kept)) return undefined
    const used = { ...kept, seenAt: this.#now() }
    this.#sessions.set(kept.id, used)
    return { session: shown(used), account: this.#seen(account.id) ?? account }
  }

  async sessions(account: string) {
    return [...this.#sessions.values()]
      .filter((each) => each.account === account && this.#isGood(each))
      .sort((one, other) => other.seenAt - one.seenAt || (one.id < other.id ? -1 : 1))
      .map(shown)
  }

  async endSession(account: string, id: string) {
    const kept = this.#sessions.get(id)
    if (kept?.account !== account || kept.endedAt !== undefined) return false
    this.#sessions.set(id, { ...kept, endedAt: this.#now() })
    return true
  }

  async createApiKey({ lifetimeMs, ...draft }: ApiKeyDraft) {
    const madeAt = this.#now()
    if (!this.#keys.has(draft.id))
      this.#keys.set(draft.id, { ...draft, madeAt, ...(lifetimeMs !== undefined && { endsAt: madeAt + lifetimeMs }) })
  }

  async apiKeys() {
    return [...this.#keys.values()]
      .sort((one, other) => other.madeAt - one.madeAt || (one.id < other.id ? -1 : 1))
      .map(keyShown)
  }

  async touchApiKey(hash: string) {
    const kept = [...this.#keys.values()].find((each) => each.hash === hash)
    if (!kept || !this.#keyIsGood(kept)) return undefined
    const used = { ...kept, usedAt: this.#now() }
    this.#keys.set(kept.id, used)
    return keyShown(used)
  }

  async apiKeyIsGood(id: string) {
    const kept = this.#keys.get(id)
    return kept !== undefined && this.#keyIsGood(kept)
  }

  async revokeApiKey(id: string) {
    const kept = this.#keys.get(id)
    if (!kept || kept.revokedAt !== undefined) return false
    this.#keys.set(id, { ...kept, revokedAt: this.#now() })
    return true
  }

  async endedLately(withinMs: number) {
    const since = this.#now() - withinMs
    const sessions = [...this.#sessions.values()].filter(({ endedAt = 0 }) => endedAt > since)
    const keys = [...this.#keys.values()].filter(({ revokedAt = 0 }) => revokedAt > since)
    return [...sessions, ...keys].map(({ id }) => id).sort()
  }

  async attempts(keys: readonly string[]) {
    const none = { version: 0, failures: 0, lastAt: 0, blockedUntil: 0 }
    return { now: this.#now(), attempts: keys.map((key) => this.#attempts.get(key) ?? { key, ...none }) }
  }

  async putAttempts(changed: readonly StoredAttempts[]) {
    if (changed.some(({ key, version }) => (this.#attempts.get(key)?.version ?? 0) !== version)) return false
    for (const each of changed) this.#attempts.set(each.key, { ...each, version: each.version + 1 })
    return true
  }

  async forgetAttempts(keys: readonly string[]) {
    for (const key of keys) this.#attempts.delete(key)
  }

  #seen(id: string): Account | undefined {
    const account = this.#accounts.get(id)
    if (!account) return undefined
    const seen = { ...account, seenAt: this.#now() }
    this.#accounts.set(id, seen)
    return seen
  }

  /** Whether somebody is left who may change accounts, or nobody was there before. */
  #adminRemains(before: Account, after: Account | undefined): boolean {
    const manages = (account: Account | undefined) => account?.roles.includes('admin') && !account.disabled
    if (!manages(before) || manages(after)) return true
    return [...this.#accounts.values()].some((account) => account.id !== before.id && manages(account))
  }

  #endAll(account: string, except?: string): void {
    for (const kept of this.#sessions.values())
      if (kept.account === account && kept.endedAt === undefined && kept.id !== except)
        this.#sessions.set(kept.id, { ...kept, endedAt: this.#now() })
  }

  #isGood({ endedAt, endsAt, seenAt, idleMs }: KeptSession): boolean {
    const now = this.#now()
    return endedAt === undefined && endsAt > now && seenAt + idleMs > now
  }

  #keyIsGood({ revokedAt, endsAt }: KeptKey): boolean {
    return revokedAt === undefined && (endsAt === undefined || endsAt > this.#now())
  }
}

function shown({ hash: _hash, idleMs: _idleMs, endedAt: _endedAt, ...session }: KeptSession): Session {
  return session
}

function keyShown({ hash: _hash, ...key }: KeptKey): ApiKey {
  return key
}
