import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { argonPasswords } from '../accounts/password-hash-node.ts'
import { secretTexts } from '../accounts/secret-text-node.ts'
import type { NodeName } from '../base/ids.ts'
import type { Log } from '../base/log.ts'
import { realClock as clock } from '../base/real-clock-node.ts'
import { realRandom as random } from '../base/real-random-node.ts'
import { createOrLoadAuthority } from '../config/cluster-authority-node.ts'
import { privateKeysOf } from '../config/private-keys.ts'
import { portHolder } from '../ops/port-holder-node.ts'
import type { StaffClaims } from '../protocol/tokens.ts'
import { requireSafeDatabase } from '../store/database-safety.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../store/embedded-postgres-node.ts'
import { migrate } from '../store/migrations.ts'
import { PostgresStore } from '../store/postgres-store.ts'
import { CERTIFICATE_FILE, DataDirectory } from './data-directory-node.ts'
import { type DemoAccount, demoAccounts } from './demo-accounts.ts'
import { NodeProcess, type ProcessRole } from './node-process-node.ts'
import { speaksTls } from './public-addresses.ts'
import { SigningKeys } from './signing-keys-node.ts'

export interface ClusterOptions {
  readonly dataDir: string
  /** 0: the chat nodes serve clients themselves. */
  readonly edges: number
  readonly chats: number
  /** Of the first node that serves clients; the others follow. 0: free ones. */
  readonly port: number
  readonly host: string
  /** A database of the operator's own; absent: the embedded one. */
  readonly database?: string
  /** Of the embedded database; absent: a free one. */
  readonly databasePort?: number
  /** Makes an account of each role where there is none. */
  readonly demoAccounts?: boolean
  /** Starts nodes again that ended. */
  readonly restart: boolean
  /** Settings for all nodes, as environment variables. */
  readonly env?: Readonly<Record<string, string>>
  /** Settings of single nodes; they win over everything else. */
  readonly nodeEnv?: Readonly<Record<NodeName, Readonly<Record<string, string>>>>
  readonly log: Log
  /** Told, now and then, why the embedded database does not serve yet. */
  readonly onDatabaseWait?: (sentence: string) => void
  /** Called when a node is ready, or ended. */
  readonly onNode?: (event: NodeEvent) => void
}

export interface NodeEvent {
  readonly event: 'ready' | 'exit'
  readonly node: NodeName
  readonly pid: number
  readonly sentence: string
}

const START_PATIENCE_MS = 60_000
const STOP_PATIENCE_MS = 2000
const BACKOFF_MS_MIN = 200
/** A node that starts takes a second of CPU: first the others take over what the dead one had. */
const RESTART_MS_MIN = 1000
const BACKOFF_MS_MAX = 10_000
/** A node that lived this long starts again without further delay. */
const SETTLED_MS = 5000
const TOKEN_LIFETIME_MS = 7 * 86_400_000
const TOKEN_RENEWAL_MS = 86_400_000
const DEMO_ACCOUNTS = 'demo-accounts.json'

/** Starts a whole cluster on this machine: database and nodes, each a process of its own. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const directory = new DataDirectory(options.dataDir)
  directory.lock()
  const cluster = new Cluster(options, directory)
  try {
    await cluster.start()
    return cluster
  } catch (error) {
    await cluster.stop()
    throw error
  }
}

/** A running cluster and the hand over it. */
export class Cluster {
  readonly #options: ClusterOptions
  readonly #directory: DataDirectory
  readonly #processes = new Map<NodeName, NodeProcess>()
  readonly #failures = new Map<NodeName, number>()
  readonly #tls: boolean
  #clientPorts: readonly number[] = []
  #postgres: EmbeddedPostgres | undefined
  #database = ''
  #secret = ''
  #store: PostgresStore | undefined
  #keys: SigningKeys | undefined
  #tokenTimer: NodeJS.Timeout | undefined
  #adminToken = ''
  #agentToken = ''
  #accounts: readonly DemoAccount[] = []
  #everReady = false
  #stopping: Promise<void> | undefined

  constructor(options: ClusterOptions, directory: DataDirectory) {
    this.#options = options
    this.#directory = directory
    this.#tls = nodesSpeakTls(options)
  }

  get publicUrl(): string {
    return this.clientUrls[0] ?? ''
  }

  get clientUrls(): readonly string[] {
    return this.#clientPorts.map((port) => `${this.#tls ? 'https' : 'http'}://localhost:${port}`)
  }

  /** What the nodes show, where they speak TLS. */
  get certificateFile(): string | undefined {
    const [shown] = this.#processes.keys()
    return this.#tls && shown !== undefined ? join(this.#directory.nodeDirectory(shown), CERTIFICATE_FILE) : undefined
  }

  get adminToken(): string {
    return this.#adminToken
  }

  get agentToken(): string {
    return this.#agentToken
  }

  /** Accounts that were made for trying. */
  get accounts(): readonly DemoAccount[] {
    return this.#accounts
  }

  get database(): string {
    return this.#database
  }

  get nodes(): readonly { name: NodeName; role: ProcessRole; pid: number; url: string }[] {
    return [...this.#processes.values()].map(({ name, role, pid, url }) => ({ name, role, pid, url }))
  }

  async start(): Promise<void> {
    const { edges, chats, log } = this.#options
    this.#clientPorts = await portsForClients(this.#options)
    this.#database = this.#options.database ?? (await this.#startDatabase())
    await requireSafeDatabase(this.#database, { acceptDataLoss: false, log })
    await migrate(this.#database, log)
    this.#secret = this.#directory.secret()
    await this.#openStore()
    for (let index = 1; index <= edges; index++) this.#startNode(`e${index}`)
    for (let index = 1; index <= chats; index++) this.#startNode(`n${index}`)
    await this.#allReady()
    this.#describe()
  }

  kill(node: NodeName, signal: NodeJS.Signals): void {
    this.#process(node).kill(signal)
  }

  /** SIGSTOP for a while. */
  pause(node: NodeName, forMs: number): void {
    this.#process(node).pause(forMs)
  }

  /** Ends the embedded database as a crash would, and starts it again after `awayMs`. */
  async restartDatabase(awayMs = 0): Promise<void> {
    if (!this.#postgres) throw new Error('The database is not ours to restart.')
    this.#postgres.killHard()
    await sleep(awayMs)
    await this.#postgres.restart()
  }

  /** Ends every process, the nodes first. Conversations rest in the store. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    clearInterval(this.#tokenTimer)
    await Promise.all([...this.#processes.values()].map((process) => process.end(STOP_PATIENCE_MS)))
    this.#keys?.stop()
    await this.#store?.close().catch(() => {})
    await this.#postgres?.stop()
    this.#directory.unlock()
  }

  async #startDatabase(): Promise<string> {
    const { log, databasePort, onDatabaseWait } = this.#options
    this.#postgres = await startEmbeddedPostgres({
      dataDir: this.#directory.path,
      ...(databasePort !== undefined && { port: databasePort }),
      log,
      ...(onDatabaseWait && { onWait: onDatabaseWait }),
      onExit: (reason) => void this.#reviveDatabase(reason),
    })
    return this.#postgres.url
  }

  async #reviveDatabase(reason: string): Promise<void> {
    const { log } = this.#options
    for (let delayMs = BACKOFF_MS_MIN; !this.#stopping; delayMs = Math.min(delayMs * 2, BACKOFF_MS_MAX)) {
      log.decision('restart-database', `${reason}; starting it again.`)
      try {
        return await this.#postgres?.restart()
      } catch (error) {
        log.warn('The database did not start.', { error })
        await sleep(delayMs)
      }
    }
  }

  /** One warm connection: a node that died is declared dead at once, so that the others need not wait for its silence. */
  async #openStore(): Promise<void> {
    const { log } = this.#options
    const store = new PostgresStore({ url: this.#database, log, applicationName: 'holdfast up' })
    this.#store = store
    const env = this.#options.env ?? {}
    const keys = await privateKeysOf({ documents: store, secret: this.#secret, env, clock, log })
    const authority = await createOrLoadAuthority({ documents: store, keys })
    if (authority.kind === 'wrong-secret') throw new Error(authority.reason)
    this.#keys = new SigningKeys({ documents: store, keys, publicUrl: this.publicUrl, clock, log })
    await this.#keys.start()
    if (this.#options.demoAccounts) this.#accounts = await this.#demoAccounts(store)
    this.#issueTokens()
    this.#tokenTimer = setInterval(() => this.#issueTokens(), TOKEN_RENEWAL_MS)
  }

  #demoAccounts(store: PostgresStore): Promise<readonly DemoAccount[]> {
    const directory = this.#directory
    const kept = {
      read: () => JSON.parse(directory.keptPrivate(DEMO_ACCOUNTS) ?? '[]') as readonly DemoAccount[],
      write: (accounts: readonly DemoAccount[]) => directory.keepPrivate(DEMO_ACCOUNTS, JSON.stringify(accounts)),
    }
    return demoAccounts({ store: store.accounts, passwords: argonPasswords(), texts: secretTexts, random, kept })
  }

  #issueTokens(): void {
    const issue = (claims: StaffClaims) => this.#keys?.issue(claims, TOKEN_LIFETIME_MS) ?? ''
    this.#adminToken = issue({
      kind: 'staff',
      subject: 'operator',
      name: 'Operator',
      role: 'supervisor',
      scopes: ['admin', 'conversations', 'tokens'],
    })
    this.#agentToken = issue({
      kind: 'staff',
      subject: 'agent',
      name: 'Agent',
      role: 'agent',
      scopes: ['conversations'],
    })
    this.#directory.keepToken('admin', this.#adminToken)
    this.#directory.keepToken('agent', this.#agentToken)
  }

  #startNode(name: NodeName): void {
    const role = this.#roleOf(name)
    const process: NodeProcess = new NodeProcess({
      name,
      role,
      directory: this.#directory,
      env: this.#environment(name, role),
      asked: ({ verb, node, seconds }) => this.#asked(verb, node, seconds),
      exited: (how, wasReady) => void this.#exited(process, how, wasReady),
    })
    this.#processes.set(name, process)
    void process.ready().then((ready) => {
      if (!ready || this.#stopping) return
      this.#options.onNode?.({ event: 'ready', node: name, pid: process.pid, sentence: `${name} serves.` })
      if (this.#everReady) this.#describe()
    })
  }

  #roleOf(name: NodeName): ProcessRole {
    if (this.#options.edges === 0) return 'all'
    return name.startsWith('e') ? 'edge' : 'chat'
  }

  #environment(name: NodeName, role: ProcessRole): Readonly<Record<string, string>> {
    const { host, env, nodeEnv } = this.#options
    const port = role === 'chat' ? 0 : this.#clientPorts[Number(name.slice(1)) - 1]
    return {
      ...env,
      HOLDFAST_JOIN: '',
      HOLDFAST_NEW_IDENTITY: '',
      HOLDFAST_NAME: name,
      HOLDFAST_ROLE: role,
      HOLDFAST_DATABASE: this.#database,
      HOLDFAST_SECRET: this.#secret,
      HOLDFAST_DATA_DIR: this.#directory.nodeDirectory(name),
      HOLDFAST_HOST: host,
      HOLDFAST_PORT: String(port),
      HOLDFAST_RELAY_HOST: '127.0.0.1',
      HOLDFAST_PUBLIC_URL: this.publicUrl,
      HOLDFAST_ADDRESSES: this.clientUrls.join(','),
      ...nodeEnv?.[name],
    }
  }

  async #allReady(): Promise<void> {
    const processes = [...this.#processes.values()]
    const late = sleep(START_PATIENCE_MS, 'late' as const, { ref: false })
    for (const process of processes) {
      const outcome = await Promise.race([process.ready(), late])
      if (outcome === true) continue
      const why = outcome === 'late' ? 'is not ready' : 'ended'
      throw new Error(`${process.name} ${why}. Its last words:\n${this.#directory.lastLines(process.name, 3)}`)
    }
    this.#everReady = true
  }

  #asked(verb: 'kill' | 'pause' | 'restart', node: NodeName, seconds: number): void {
    const process = this.#processes.get(node)
    if (!process?.running) return
    this.#options.log.info(`An operator asked for ${verb} of ${node} on the cluster page.`)
    if (verb === 'pause') process.pause(seconds * 1000)
    else process.kill(verb === 'kill' ? 'SIGKILL' : 'SIGTERM')
  }

  async #exited(process: NodeProcess, how: string, wasReady: boolean): Promise<void> {
    const { name } = process
    if (this.#stopping || this.#processes.get(name) !== process) return
    const sentence = `${name} (process ${process.pid}) ended: ${how}.`
    const declared = this.#store?.tombstoneName(name, sentence).catch(() => {})
    this.#options.onNode?.({ event: 'exit', node: name, pid: process.pid, sentence })
    this.#options.log.decision('exit', sentence, { node: name })
    if (!this.#options.restart || !(wasReady || this.#everReady)) return
    // First the old run is declared dead, then the new one joins: the other way round the new one would be hit.
    await declared
    await sleep(this.#delayMs(process))
    if (!this.#stopping) this.#startNode(name)
  }

  /** Grows while a node dies young, so that one that cannot start does not burn the machine. */
  #delayMs({ name, startedAtMs }: NodeProcess): number {
    const settled = performance.now() - startedAtMs > SETTLED_MS
    const failures = settled ? 0 : (this.#failures.get(name) ?? 0) + 1
    this.#failures.set(name, failures)
    return Math.min(RESTART_MS_MIN * 2 ** Math.max(0, failures - 1), BACKOFF_MS_MAX)
  }

  #process(node: NodeName): NodeProcess {
    const process = this.#processes.get(node)
    if (!process?.running) throw new Error(`There is no running node called ${node}.`)
    return process
  }

  #describe(): void {
    this.#directory.describe({
      pid: process.pid,
      publicUrl: this.publicUrl,
      urls: this.clientUrls,
      adminTokenFile: `${this.#directory.path}/admin.token`,
      agentTokenFile: `${this.#directory.path}/agent.token`,
      database: this.#database,
      ...(this.certificateFile !== undefined && { certificateFile: this.certificateFile }),
      nodes: this.nodes,
    })
  }
}

/** As the nodes will decide from the settings that they get. */
function nodesSpeakTls({ host, env }: ClusterOptions): boolean {
  const allowPlainHttp = ['true', '1'].includes(env?.HOLDFAST_ALLOW_PLAIN_HTTP ?? '')
  return speaksTls({ tls: env?.HOLDFAST_TLS === 'on' ? 'on' : 'auto', host, allowPlainHttp })
}

/** Fixed from the start: a node that comes back must be where its clients look for it. */
async function portsForClients({ port, edges, chats, host }: ClusterOptions): Promise<readonly number[]> {
  const held: Server[] = []
  try {
    // All are held until the last is found, so that no free port is found twice.
    for (let index = 0; index < (edges || chats); index++) held.push(await hold(host, port === 0 ? 0 : port + index))
    return held.map((server) => (server.address() as AddressInfo).port)
  } finally {
    await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))))
  }
}

async function hold(host: string, port: number): Promise<Server> {
  const server = createServer()
  try {
    await once(server.listen(port, host), 'listening')
    return server
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    const holder = portHolder(port)
    throw new Error(
      `Port ${port} is in use${holder ? ` by ${holder}` : ''}. Choose another one by --port, or end that process.`,
    )
  }
}
