import pg from 'pg'
import type { Log } from '../base/log.ts'
import type { Statement } from './append-statement.ts'
import { IndefiniteOutcome, StoreUnavailable } from './log-store.ts'
import type { ServerHistory } from './server-history.ts'

/** What the server itself said of a statement that it did not carry out. */
export class StatementRefused extends Error {
  override readonly name = 'StatementRefused'
  readonly sqlState: string
  readonly constraint: string | undefined
  constructor(sqlState: string, message: string, constraint: string | undefined) {
    super(message)
    this.sqlState = sqlState
    this.constraint = constraint
  }
}

interface ConnectionsOptions {
  readonly url: string
  readonly log: Log
  readonly applicationName: string
  readonly max: number
  /** A statement without an answer for this long has an unknown outcome; the connection is given up, never the COMMIT. */
  readonly answerTimeoutMs: number
  /** Shared by all connections of a process to one database. */
  readonly history: ServerHistory
  /** Settings of the session beside those that all have, such as `enable_hashjoin=off`. */
  readonly session?: readonly string[]
}

const CONNECT_TIMEOUT_MS = 2000
const NOT_APPLIED_ATTEMPTS = 5
// Deadlock and serialisation failure: surely rolled back, and worth another try at once.
const NOT_APPLIED = new Set(['40P01', '40001'])
// The server ended the session while the statement ran (shutdown, crash of a neighbour): who knows.
const ENDED = /^(57P0[124]|08|40003)/
// Refusals that say something about the statement alone. After any other one (a plan that a migration made stale, a
// server that takes no writes any more) the next statement starts on a fresh connection.
const CONNECTION_IS_WELL = /^(22|23|40|HF)/
// Whatever the server's defaults are: durable commits; each statement of a function sees what was committed before it;
// plans that are made once, by index, however small the tables still are; no compiler for statements of a millisecond.
export const POSTGRES_SESSION = [
  'synchronous_commit=on',
  'default_transaction_isolation=read\\ committed',
  'plan_cache_mode=force_generic_plan',
  'enable_seqscan=off',
  'jit=off',
]
const IDENTITY = `
  SELECT pg_is_in_recovery() AS standby, system_identifier::text AS system,
         CASE WHEN pg_is_in_recovery() THEN 0
              ELSE ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int END AS timeline
    FROM pg_control_system()`

/**
 * A few connections to the writable one of the hosts in a URL. Every failure is sorted: surely not carried out
 * (`StoreUnavailable`), unknown (`IndefiniteOutcome`), or refused by the server with a reason (`StatementRefused`).
 */
export class PostgresConnections {
  readonly #pool: pg.Pool
  readonly #targets: readonly pg.ClientConfig[]
  readonly #log: Log
  readonly #history: ServerHistory
  /** Index of the host that was writable last. */
  #target = 0

  constructor({ url, log, applicationName, max, answerTimeoutMs, history, session = [] }: ConnectionsOptions) {
    this.#log = log
    this.#history = history
    this.#targets = hostsOf(url)
    const target = () => this.#targets[this.#target % this.#targets.length] ?? {}
    class WritableHostClient extends pg.Client {
      constructor(config?: pg.ClientConfig) {
        super({ ...config, ...target() })
      }
    }
    this.#pool = new pg.Pool({
      Client: WritableHostClient,
      max,
      application_name: applicationName,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: answerTimeoutMs,
      keepAlive: true,
      idleTimeoutMillis: 0,
      options: [...POSTGRES_SESSION, ...session].map((setting) => `-c ${setting}`).join(' '),
      onConnect: (client) => this.#admit(client),
    })
    // Beside rejecting its statement, a connection that breaks tells so by an event, which must not end the process.
    this.#pool.on('connect', (client) => client.on('error', () => {}))
    // A connection that breaks while nobody uses it is no news: the next statement makes another.
    this.#pool.on('error', (error) =>
      this.#log.debug('An idle connection to the store broke.', { error: error.message }),
    )
  }

  /** Runs one statement as one transaction. */
  async run(statement: Statement): Promise<pg.QueryResult['rows']> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(statement)
      } catch (error) {
        if (!(error instanceof StatementRefused) || !NOT_APPLIED.has(error.sqlState)) throw error
        if (attempt >= NOT_APPLIED_ATTEMPTS) throw new StoreUnavailable(error.message)
      }
    }
  }

  async close(): Promise<void> {
    await this.#pool.end().catch(() => {})
  }

  async #once({ name, text, values }: Statement): Promise<pg.QueryResult['rows']> {
    const client = await this.#connect()
    try {
      const { rows } = await client.query({ name, text, values: [...values] })
      client.release()
      return rows
    } catch (error) {
      const failure = sorted(error)
      client.release(!(failure instanceof StatementRefused && CONNECTION_IS_WELL.test(failure.sqlState)))
      throw failure
    }
  }

  /** A connection to a host that takes writes; each failure makes the next attempt try the next host. */
  async #connect(): Promise<pg.PoolClient> {
    for (let tried = 1; ; tried++) {
      const target = this.#target
      try {
        return await this.#pool.connect()
      } catch (error) {
        if (this.#target === target) this.#target = (target + 1) % this.#targets.length
        if (tried >= this.#targets.length)
          throw new StoreUnavailable(error instanceof Error ? error.message : String(error))
      }
    }
  }

  /** Refuses a new connection to a server that takes no writes, or that is behind one used before. */
  async #admit(client: pg.ClientBase): Promise<void> {
    const { rows } = await client.query({ text: IDENTITY, query_timeout: CONNECT_TIMEOUT_MS } as pg.QueryConfig)
    const [server] = rows
    if (server?.standby !== false) throw new Error('the host is a standby')
    const objection = this.#history.objection({ system: String(server.system), timeline: Number(server.timeline) })
    if (objection === undefined) return
    this.#log.error('A database server is not used.', { reason: objection })
    throw new Error(objection)
  }
}

function sorted(error: unknown): Error {
  if (!(error instanceof pg.DatabaseError))
    return new IndefiniteOutcome(error instanceof Error ? error.message : String(error))
  const { code = '', message, constraint } = error
  return ENDED.test(code) ? new IndefiniteOutcome(message) : new StatementRefused(code, message, constraint)
}

/** One configuration for each host of a URL such as `postgres://user:secret@one:5432,two:5432/holdfast`. */
export function hostsOf(url: string): readonly pg.ClientConfig[] {
  const parts = /^(postgres(?:ql)?:\/\/(?:[^@/]*@)?)([^/?]+)(.*)$/.exec(url)
  const [, before = '', hosts = '', after = ''] = parts ?? []
  if (!parts) return [{ connectionString: url }]
  return hosts.split(',').map((host) => ({ connectionString: `${before}${host}${after}` }))
}
