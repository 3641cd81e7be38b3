import { readdirSync, readFileSync } from 'node:fs'
import pg from 'pg'
import type { Log } from '../base/log.ts'
import { hostsOf } from './postgres-connections.ts'

/** The database cannot be used by this program, and why; for the person who started it. */
export class DatabaseRefused extends Error {
  override readonly name: string = 'DatabaseRefused'
}

/** No host of it can be reached, or none takes writes: it may be well again soon. */
export class DatabaseAway extends DatabaseRefused {
  override readonly name = 'DatabaseAway'
}

interface Migration {
  readonly number: number
  readonly name: string
  /** `breaking`: a program that does not know it must not run on it. */
  readonly kind: 'expand' | 'breaking'
  readonly sql: string
}

const FOLDER = new URL('./migrations/', import.meta.url)
const FILE = /^(\d{4})-([a-z0-9-]+)\.sql$/
// Any constant: only one process migrates a database at a time.
const MIGRATION_LOCK = 4_711_2026
const LOCK_NOT_AVAILABLE = '55P03'
const LOCK_WAIT_MS = 100
const LOCK_PAUSE_SECONDS = 0.4
const LOCK_ATTEMPTS_MAX = 120

/** The migrations of this program, in order. */
export function ownMigrations(): readonly Migration[] {
  return readdirSync(FOLDER)
    .sort()
    .flatMap((file) => {
      const [, number, name] = FILE.exec(file) ?? []
      if (number === undefined || name === undefined) return []
      const sql = readFileSync(new URL(file, FOLDER), 'utf8')
      const kind = /^-- (expand|breaking)\n/.exec(sql)?.[1]
      if (kind !== 'expand' && kind !== 'breaking')
        throw new Error(`${file} does not begin with "-- expand" or "-- breaking"`)
      return [{ number: Number(number), name, kind, sql }]
    })
}

/**
 * Brings a database to this program's schema. A newer schema is accepted as long as nothing in it is breaking; a
 * database of another product is left alone. Throws `DatabaseRefused` with a sentence that says what to do.
 */
export async function migrate(url: string, log: Log, migrations = ownMigrations()): Promise<void> {
  const client = await connectWritable(url)
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK])
    await refuseStrangers(client)
    const applied = await appliedMigrations(client)
    refuseNewer(applied, migrations)
    for (const migration of migrations)
      if (!applied.some(({ number }) => number === migration.number)) await apply(client, migration, log)
  } finally {
    await client.end()
  }
}

/** A connection to the host of the URL that takes writes; whoever has it ends it. Throws `DatabaseAway`. */
export async function connectWritable(url: string, applicationName = 'holdfast migrations'): Promise<pg.Client> {
  let failure: unknown
  for (const target of hostsOf(url)) {
    const client = new pg.Client({ ...target, connectionTimeoutMillis: 5000, application_name: applicationName })
    client.on('error', () => {})
    try {
      await client.connect()
      const { rows } = await client.query('SELECT pg_is_in_recovery() AS standby')
      if (rows[0]?.standby === false) return client
      await client.end()
    } catch (error) {
      failure = error
      await client.end().catch(() => {})
    }
  }
  throw new DatabaseAway(
    `No host of the database URL takes writes${failure instanceof Error ? `: ${failure.message}` : ''}. Check the URL, and that the server runs.`,
  )
}

/** How far the schema of a database and that of this program have come; `undefined`: it has none of ours yet. */
export async function lookAtSchema(
  client: pg.Client,
  migrations = ownMigrations(),
): Promise<{ readonly knows: number; readonly applied: number; readonly breaking?: number } | undefined> {
  const { rows } = await client.query(`SELECT to_regclass('holdfast.migration') IS NOT NULL AS ours`)
  if (!rows[0]?.ours) return undefined
  const applied = await appliedMigrations(client)
  const newer = newerAndBreaking(applied, migrations)
  return {
    knows: migrations.at(-1)?.number ?? 0,
    applied: applied.at(-1)?.number ?? 0,
    ...(newer && { breaking: newer.number }),
  }
}

async function refuseStrangers(client: pg.Client): Promise<void> {
  const { rows } = await client.query(`
    SELECT to_regnamespace('holdfast') IS NOT NULL AS ours_by_name,
           to_regclass('holdfast.migration') IS NOT NULL AS ours,
           EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public') AS others`)
  const [found] = rows
  if (found?.ours) return
  if (found?.ours_by_name)
    throw new DatabaseRefused(
      'The database has a schema called holdfast that this product did not make. Use a database of its own.',
    )
  if (found?.others)
    throw new DatabaseRefused(
      'The database holds tables of another product. Create an empty database for Holdfast and give its URL.',
    )
  // Several commands in one text are one transaction: the schema never stands without its mark.
  await client.query(`
    CREATE SCHEMA holdfast;
    CREATE TABLE holdfast.migration (
      number int PRIMARY KEY, name text NOT NULL, kind text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`)
}

async function appliedMigrations(
  client: pg.Client,
): Promise<readonly { number: number; name: string; kind: string }[]> {
  const { rows } = await client.query('SELECT number, name, kind FROM holdfast.migration ORDER BY number')
  return rows
}

function newerAndBreaking(
  applied: readonly { number: number; name: string; kind: string }[],
  migrations: readonly Migration[],
): { readonly number: number; readonly name: string } | undefined {
  return applied.find(({ number, kind }) => kind === 'breaking' && !migrations.some((own) => own.number === number))
}

function refuseNewer(
  applied: readonly { number: number; name: string; kind: string }[],
  migrations: readonly Migration[],
): void {
  const newer = newerAndBreaking(applied, migrations)
  if (newer)
    throw new DatabaseRefused(
      `The database was changed by a newer version of Holdfast (migration ${newer.number}, ${newer.name}) in a way that this one cannot follow. Start the newer version.`,
    )
}

/**
 * Behind a change of a table that waits for its lock, every beat of the nodes that run waits, too: it gives up before a
 * lease is over, and tries again.
 */
async function apply(client: pg.Client, migration: Migration, log: Log): Promise<void> {
  for (let attempt = 1; ; attempt++)
    try {
      return await applyOnce(client, migration, log)
    } catch (error) {
      if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE || attempt >= LOCK_ATTEMPTS_MAX) throw error
      log.info(`Migration ${migration.number} (${migration.name}) waits for others to let go of a table.`, { attempt })
      await client.query('SELECT pg_sleep($1)', [LOCK_PAUSE_SECONDS])
    }
}

async function applyOnce(client: pg.Client, { number, name, kind, sql }: Migration, log: Log): Promise<void> {
  await client.query('BEGIN')
  try {
    await client.query(`SET LOCAL lock_timeout = ${LOCK_WAIT_MS}`)
    await client.query(sql)
    await client.query('INSERT INTO holdfast.migration (number, name, kind) VALUES ($1, $2, $3)', [number, name, kind])
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw error
  }
  log.info(`Migration ${number} (${name}) applied.`, { kind })
}
