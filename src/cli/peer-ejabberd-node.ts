import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '../base/log.ts'
import type { ChatSystem } from '../bench/chat-system.ts'
import { familyUsage } from '../bench/process-usage-node.ts'
import { xmppDialect } from '../bench/xmpp-dialect.ts'
import { startEmbeddedPostgres } from '../store/embedded-postgres-node.ts'
import { assembled, createTables, PEERS, systemOf, undone } from './peer-contestants-node.ts'
import { freePort, PeerProcess } from './peer-process-node.ts'
import { tableReads } from './table-reads-node.ts'

const REMEDY = 'On Debian: apt-get install ejabberd erlang-p1-pgsql'
/** Where Debian's packages have its tables, and its programs: `<folder>/ejabberd-23.01/ebin`. */
const SCHEMA = '/usr/share/ejabberd/sql/pg.sql'
const LIBRARY_FOLDERS = ['/usr/lib/erlang/lib', '/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu']

// Ends when our end of its input does, however we end; its schedulers do not spin while they wait, which would be counted
// as work. Without a node name it is not distributed, and needs no daemon of ports.
const BEGIN = 'spawn(fun() -> {ok, _} = ejabberd:start(), io:format("ready~n"), io:get_line([]), halt() end).'
const NO_SPINNING = ['+sbwt', 'none', '+sbwtdcpu', 'none', '+sbwtdio', 'none']

/** Why E cannot run here, in a sentence that says how to mend it; `undefined` when it can. */
export function missingForEjabberd(): string | undefined {
  if (spawnSync('erl', ['-version']).error || !existsSync(SCHEMA) || programs('ejabberd-') === undefined)
    return `ejabberd is not installed. ${REMEDY}`
  return programs('p1_pgsql-') === undefined ? `ejabberd has no driver for PostgreSQL. ${REMEDY}` : undefined
}

/** E: PostgreSQL and one node, with rooms whose words are archived before they are given. */
export function startEjabberd(): Promise<ChatSystem> {
  return assembled(async (undo) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'holdfast-peer-'))
    undo.push(() => rm(dataDir, { recursive: true, force: true }))
    const postgres = await startEmbeddedPostgres({ dataDir, log: silentLog })
    undo.push(() => postgres.stop())
    await createTables(postgres.url, SCHEMA)
    const port = await freePort()
    const node = await startNode(dataDir, configuration(postgres.url, port))
    undo.push(() => node.stop())
    return {
      ...systemOf([node], [`ws://127.0.0.1:${port}`], xmppDialect),
      usage: () => familyUsage(postgres.pid, node.pid),
      logReads: () => tableReads(postgres.url, 'archive'),
      stop: () => undone(undo),
    }
  })
}

/** `ejabberd 23.01`, as it is installed. */
export function ejabberdVersion(): readonly string[] {
  const found = programs('ejabberd-')
  return found === undefined ? [] : [found.name.replace('-', ' ')]
}

async function startNode(dataDir: string, settings: string): Promise<PeerProcess> {
  const file = join(dataDir, 'ejabberd.yml')
  writeFileSync(file, settings, { mode: 0o600 })
  const tables = join(dataDir, 'mnesia')
  mkdirSync(tables)
  return PeerProcess.start({
    name: 'ejabberd',
    command: 'erl',
    // `+K`, `+P`: as Debian starts it.
    parameters: [
      '-noshell',
      '+K',
      'true',
      '+P',
      '250000',
      ...NO_SPINNING,
      '-mnesia',
      'dir',
      `"${tables}"`,
      '-eval',
      BEGIN,
    ],
    ready: /^ready$/,
    env: {
      HOME: dataDir,
      ERL_LIBS: programs('ejabberd-')?.folder ?? '',
      ERL_CRASH_DUMP_SECONDS: '0',
      EJABBERD_CONFIG_PATH: file,
      EJABBERD_LOG_PATH: join(dataDir, 'ejabberd.log'),
    },
  })
}

function configuration(database: string, port: number): string {
  const { port: databasePort, pathname, username, password } = new URL(database)
  const values: Readonly<Record<string, string>> = {
    port: String(port),
    databasePort,
    database: pathname.slice(1),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  }
  return readFileSync(join(PEERS, 'ejabberd.yml'), 'utf8').replace(/@(\w+)@/g, (mark, name) => values[name] ?? mark)
}

function programs(prefix: string): { readonly folder: string; readonly name: string } | undefined {
  for (const folder of LIBRARY_FOLDERS.filter(existsSync)) {
    const name = readdirSync(folder).find((each) => each.startsWith(prefix) && existsSync(join(folder, each, 'ebin')))
    if (name !== undefined) return { folder, name }
  }
  return undefined
}
