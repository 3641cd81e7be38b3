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
  StoredRole,
} from './account-store.ts'
import type { RunStatement } from './postgres-config-store.ts'
import { numberIn, type Row } from './postgres-rows.ts'

const DAY_MS = 86_400_000
const GOOD = `s.ended_at IS NULL AND s.ends_at > holdfast.now_ms() AND s.seen_at + s.idle_ms > holdfast.now_ms()`
const ACCOUNTS = 'SELECT a.*, n.seen_at FROM holdfast.account a LEFT JOIN holdfast.account_seen n ON n.account = a.id'
const NOTED = `
  INSERT INTO holdfast.account_seen AS n (account, seen_at) SELECT account, seen_at FROM used
  ON CONFLICT (account) DO UPDATE SET seen_at = greatest(n.seen_at, excluded.seen_at)`
const GOOD_KEY = 'revoked_at IS NULL AND (ends_at IS NULL OR ends_at > holdfast.now_ms())'
// A key may be used a hundred times a second; that it was used is told to the minute.
const USED_EVERY_MS = 60_000

/** Accounts in PostgreSQL; what must hold together is in the functions of migration 8. */
export class PostgresAccountStore implements AccountStore {
  readonly #run: RunStatement

  constructor(run: RunStatement) {
    this.#run = run
  }

  async accounts() {
    return (await this.#run('accounts', `${ACCOUNTS} ORDER BY a.name`, [])).map(accountIn)
  }

  async account(by: { id: string } | { name: string } | { identity: string }) {
    const [column, value] = 'id' in by ? ['id', by.id] : 'name' in by ? ['name', by.name] : ['identity', by.identity]
    const [row] = await this.#run(`account-${column}`, `${ACCOUNTS} WHERE a.${column} = $1`, [value])
    return row && accountIn(row)
  }

  async createAccount(draft: AccountDraft) {
    const [row] = await this.#run('create-account', 'SELECT holdfast.create_account($1::json) AS done', [
      JSON.stringify(draft),
    ])
    return { kind: row?.done === true ? 'created' : 'taken' } as const
  }

  async changeAccount(id: string, change: AccountChange, keepSession?: string) {
    return this.#change(id, change, false, keepSession)
  }

  async renewPasswordHash(id: string, from: string, to: string) {
    await this.#run(
      'renew-password-hash',
      'UPDATE holdfast.account SET password_hash = $3 WHERE id = $1 AND password_hash = $2',
      [id, from, to],
    )
  }

  async removeAccount(id: string) {
    const outcome = await this.#change(id, {}, true)
    if (outcome.kind === 'changed')
      await this.#run('forget-seen', 'DELETE FROM holdfast.account_seen WHERE account = $1', [id])
    return outcome
  }

  async offerSetUp(linkHash: string, lifetimeMs: number) {
    const rows = await this.#run(
      'offer-set-up',
      `INSERT INTO holdfast.set_up_link (hash, ends_at)
       SELECT $1, holdfast.now_ms() + $2::bigint WHERE NOT EXISTS (SELECT FROM holdfast.account)
       ON CONFLICT (hash) DO UPDATE SET ends_at = excluded.ends_at RETURNING hash`,
      [linkHash, lifetimeMs],
    )
    return rows.length > 0
  }

  async setUpIsOffered(linkHash: string) {
    const rows = await this.#run(
      'set-up-is-offered',
      `SELECT FROM holdfast.set_up_link WHERE hash = $1 AND ends_at > holdfast.now_ms()
         AND NOT EXISTS (SELECT FROM holdfast.account)`,
      [linkHash],
    )
    return rows.length > 0
  }

  async setUp(linkHash: string, draft: AccountDraft) {
    const [row] = await this.#run('set-up', 'SELECT holdfast.set_up($1, $2::json) AS done', [
      linkHash,
      JSON.stringify(draft),
    ])
    return { kind: row?.done === true ? 'created' : 'refused' } as const
  }

  async openSession({ id, hash, account, via, address, browser, lifetimeMs, idleMs }: SessionDraft) {
    await this.#run(
      'open-session',
      `WITH swept AS (DELETE FROM holdfast.session WHERE ends_at < holdfast.now_ms() - ${DAY_MS} OR ended_at < holdfast.now_ms() - ${DAY_MS}),
       used AS (
         INSERT INTO holdfast.session (id, hash, account, via, address, browser, made_at, seen_at, idle_ms, ends_at)
         VALUES ($1, $2, $3, $4, $5, $6, holdfast.now_ms(), holdfast.now_ms(), $7, holdfast.now_ms() + $8::bigint)
         ON CONFLICT (id) DO NOTHING RETURNING account, seen_at)
       ${NOTED}`,
      [id, hash, account, via, address, browser, idleMs, lifetimeMs],
    )
  }

  async touchSession(handle: SessionHandle) {
    const [column, value] = 'id' in handle ? ['id', handle.id] : ['hash', handle.hash]
    const [row] = await this.#run(
      `touch-session-${column}`,
      `WITH used AS (
         UPDATE holdfast.session s SET seen_at = holdfast.now_ms() FROM holdfast.account a
          WHERE s.${column} = $1 AND a.id = s.account AND NOT a.disabled AND ${GOOD}
         RETURNING s.id, s.account, s.via, s.address, s.browser, s.made_at, s.seen_at, s.ends_at, row_to_json(a) AS holder),
       noted AS (${NOTED})
       SELECT * FROM used`,
      [value],
    )
    return row && { session: sessionIn(row), account: accountIn({ ...(row.holder as Row), seen_at: row.seen_at }) }
  }

  async sessions(account: string) {
    const rows = await this.#run(
      'sessions',
      `SELECT s.* FROM holdfast.session s WHERE s.account = $1 AND ${GOOD} ORDER BY s.seen_at DESC, s.id`,
      [account],
    )
    return rows.map(sessionIn)
  }

  async endSession(account: string, id: string) {
    const rows = await this.#run(
      'end-session',
      'UPDATE holdfast.session SET ended_at = holdfast.now_ms() WHERE id = $2 AND account = $1 AND ended_at IS NULL RETURNING id',
      [account, id],
    )
    return rows.length > 0
  }

  async createApiKey({ id, hash, name, scopes, madeBy, lifetimeMs }: ApiKeyDraft) {
    await this.#run(
      'create-api-key',
      `INSERT INTO holdfast.api_key (id, hash, name, scopes, made_by, made_at, ends_at)
       VALUES ($1, $2, $3, $4::text[], $5, holdfast.now_ms(), holdfast.now_ms() + $6::bigint) ON CONFLICT (id) DO NOTHING`,
      [id, hash, name, scopes, madeBy, lifetimeMs ?? null],
    )
  }

  async apiKeys() {
    return (await this.#run('api-keys', 'SELECT * FROM holdfast.api_key ORDER BY made_at DESC, id', [])).map(apiKeyIn)
  }

  async touchApiKey(hash: string) {
    const [row] = await this.#run(
      'touch-api-key',
      `WITH used AS (
         UPDATE holdfast.api_key SET used_at = holdfast.now_ms()
          WHERE hash = $1 AND ${GOOD_KEY} AND coalesce(used_at, 0) < holdfast.now_ms() - ${USED_EVERY_MS})
       SELECT * FROM holdfast.api_key WHERE hash = $1 AND ${GOOD_KEY}`,
      [hash],
    )
    return row && apiKeyIn(row)
  }

  async apiKeyIsGood(id: string) {
    const rows = await this.#run('api-key-is-good', `SELECT id FROM holdfast.api_key WHERE id = $1 AND ${GOOD_KEY}`, [
      id,
    ])
    return rows.length > 0
  }

  async revokeApiKey(id: string) {
    const rows = await this.#run(
      'revoke-api-key',
      'UPDATE holdfast.api_key SET revoked_at = holdfast.now_ms() WHERE id = $1 AND revoked_at IS NULL RETURNING id',
      [id],
    )
    return rows.length > 0
  }

  async endedLately(withinMs: number) {
    const rows = await this.#run(
      'ended-lately',
      `SELECT id FROM holdfast.session WHERE ended_at > holdfast.now_ms() - $1::bigint
       UNION ALL SELECT id FROM holdfast.api_key WHERE revoked_at > holdfast.now_ms() - $1::bigint ORDER BY id`,
      [withinMs],
    )
    return rows.map(({ id }) => String(id))
  }

  async attempts(keys: readonly string[]) {
    const rows = await this.#run(
      'attempts',
      `SELECT holdfast.now_ms() AS now, k.key, coalesce(a.version, 0) AS version, coalesce(a.failures, 0) AS failures,
              coalesce(a.last_at, 0) AS last_at, coalesce(a.blocked_until, 0) AS blocked_until
         FROM unnest($1::text[]) WITH ORDINALITY AS k(key, place) LEFT JOIN holdfast.sign_in_attempt a ON a.key = k.key
        ORDER BY k.place`,
      [keys],
    )
    const [first] = rows
    return { now: first ? numberIn(first, 'now') : 0, attempts: rows.map(attemptsIn) }
  }

  async putAttempts(changed: readonly StoredAttempts[]) {
    const [row] = await this.#run('put-attempts', 'SELECT holdfast.put_attempts($1::json) AS done', [
      JSON.stringify(changed),
    ])
    return row?.done === true
  }

  async forgetAttempts(keys: readonly string[]) {
    await this.#run('forget-attempts', 'DELETE FROM holdfast.sign_in_attempt WHERE key = ANY ($1::text[])', [keys])
  }

  async #change(id: string, change: AccountChange, removed: boolean, keepSession?: string): Promise<AccountOutcome> {
    const [row] = await this.#run('change-account', 'SELECT holdfast.change_account($1, $2::json, $3, $4) AS kind', [
      id,
      JSON.stringify(change),
      removed,
      keepSession ?? null,
    ])
    return { kind: row?.kind as AccountOutcome['kind'] }
  }
}

function accountIn(row: Row): Account {
  return {
    id: String(row.id),
    name: String(row.name),
    displayName: String(row.display_name),
    roles: row.roles as readonly StoredRole[],
    disabled: row.disabled === true,
    ...(typeof row.password_hash === 'string' && { passwordHash: row.password_hash }),
    ...(typeof row.identity === 'string' && { identity: row.identity }),
    madeAt: numberIn(row, 'made_at'),
    ...(row.seen_at !== null && { seenAt: numberIn(row, 'seen_at') }),
  }
}

function sessionIn(row: Row): Session {
  return {
    id: String(row.id),
    account: String(row.account),
    via: row.via as Session['via'],
    address: String(row.address),
    browser: String(row.browser),
    madeAt: numberIn(row, 'made_at'),
    seenAt: numberIn(row, 'seen_at'),
    endsAt: numberIn(row, 'ends_at'),
  }
}

function apiKeyIn(row: Row): ApiKey {
  return {
    id: String(row.id),
    name: String(row.name),
    scopes: row.scopes as readonly string[],
    madeBy: String(row.made_by),
    madeAt: numberIn(row, 'made_at'),
    ...(row.used_at !== null && { usedAt: numberIn(row, 'used_at') }),
    ...(row.ends_at !== null && { endsAt: numberIn(row, 'ends_at') }),
    ...(row.revoked_at !== null && { revokedAt: numberIn(row, 'revoked_at') }),
  }
}

function attemptsIn(row: Row): StoredAttempts {
  return {
    key: String(row.key),
    version: numberIn(row, 'version'),
    failures: numberIn(row, 'failures'),
    lastAt: numberIn(row, 'last_at'),
    blockedUntil: numberIn(row, 'blocked_until'),
  }
}
