import pg from 'pg'
import type { Log } from '../base/log.ts'
import { DatabaseAway, DatabaseRefused } from './migrations.ts'
import { hostsOf } from './postgres-connections.ts'

/** One thing that must be so in a database that is trusted with acknowledged messages. */
export interface Finding {
  readonly name: string
  readonly ok: boolean
  readonly found: string
  readonly wanted: string
  /** What the operator does about it. */
  readonly remedy: string
}

interface SafetyOptions {
  /** Several hosts without synchronous standbys lose what was acknowledged last when one takes over. */
  readonly acceptDataLoss: boolean
}

const CONNECT_TIMEOUT_MS = 5000
const VERSION_MIN = 14
// Each of them off loses acknowledged messages in a crash of the server or its machine.
const MUST_BE_ON = ['fsync', 'full_page_writes'] as const

/** Looks at the writable host of `url`. Rejects with `DatabaseRefused` when none can be reached. */
export async function checkDatabase(url: string, options: SafetyOptions): Promise<readonly Finding[]> {
  const hosts = hostsOf(url)
  return judgeSettings(await writableSettings(hosts), hosts.length, options)
}

/** What the settings of a server (names as in `pg_settings`) mean for acknowledged messages. */
export function judgeSettings(
  settings: ReadonlyMap<string, string>,
  hosts: number,
  options: SafetyOptions,
): readonly Finding[] {
  const value = (name: string) => settings.get(name) ?? ''
  const findings: Finding[] = [
    {
      name: 'version',
      ok: Number(value('server_version_num')) >= VERSION_MIN * 10_000,
      found: value('server_version'),
      wanted: `PostgreSQL ${VERSION_MIN} or newer`,
      remedy: 'Upgrade the server, or leave --database out to use the embedded one.',
    },
    ...MUST_BE_ON.map((name) => ({
      name,
      ok: value(name) === 'on',
      found: value(name),
      wanted: 'on',
      remedy: `Set ${name} = on in postgresql.conf and restart the server: without it a crash loses acknowledged messages.`,
    })),
    {
      name: 'synchronous_commit',
      ok: !['off', 'local'].includes(value('synchronous_commit')),
      found: value('synchronous_commit'),
      wanted: 'on',
      remedy: 'Set synchronous_commit = on; Holdfast asks for it on its own connections, so something forbids it.',
    },
    {
      name: 'encoding',
      ok: value('server_encoding') === 'UTF8',
      found: value('server_encoding'),
      wanted: 'UTF8',
      remedy: "Create the database with ENCODING 'UTF8'.",
    },
  ]
  return hosts === 1 ? findings : [...findings, standbys(value('synchronous_standby_names'), options)]
}

/** Refuses a database that could lose what was acknowledged. */
export async function requireSafeDatabase(url: string, options: SafetyOptions & { readonly log: Log }): Promise<void> {
  const faults = (await checkDatabase(url, options)).filter(({ ok }) => !ok)
  if (faults.length === 0) return
  const told = faults.map(({ name, found, remedy }) => `${name} is ${found || 'empty'}. ${remedy}`)
  throw new DatabaseRefused(`The database is not safe for acknowledged messages: ${told.join(' ')}`)
}

function standbys(names: string, { acceptDataLoss }: SafetyOptions): Finding {
  return {
    name: 'synchronous_standby_names',
    ok: names !== '' || acceptDataLoss,
    found: names || 'none',
    wanted: 'the standbys of the URL',
    remedy:
      'Name the standbys in synchronous_standby_names, or say --accept-data-loss: a standby that takes over may lack the last acknowledged messages.',
  }
}

async function writableSettings(hosts: readonly pg.ClientConfig[]): Promise<ReadonlyMap<string, string>> {
  let failure = 'every host is a standby'
  for (const host of hosts) {
    const client = new pg.Client({
      ...host,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      options: '-c synchronous_commit=on',
    })
    client.on('error', () => {})
    try {
      await client.connect()
      const { rows } = await client.query(
        'SELECT name, setting FROM pg_settings UNION ALL SELECT $1, pg_is_in_recovery()::text',
        ['standby'],
      )
      const settings = new Map(rows.map(({ name, setting }) => [String(name), String(setting)]))
      if (settings.get('standby') === 'false') return settings
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error)
    } finally {
      await client.end().catch(() => {})
    }
  }
  throw new DatabaseAway(
    `No host of the database URL takes writes: ${failure}. Check the URL, and that the server runs.`,
  )
}
