import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { silentLog } from '../base/log.ts'
import { realRandom } from '../base/real-random-node.ts'
import { bareDialect } from '../bench/bare-dialect.ts'
import type { ChatSystem } from '../bench/chat-system.ts'
import { clientPorts } from '../bench/client-ports-node.ts'
import type { Dialect } from '../bench/dialect.ts'
import { familyUsage } from '../bench/process-usage-node.ts'
import { socketioDialect } from '../bench/socketio-dialect.ts'
import { startEmbeddedPostgres } from '../store/embedded-postgres-node.ts'
import { freePort, PeerProcess } from './peer-process-node.ts'
import { tableReads } from './table-reads-node.ts'

export const PEERS = fileURLToPath(new URL('../../bench/peers/', import.meta.url))
const NODES = 2

/** Why the peers cannot run here, in a sentence that says how to mend it; `undefined` when they can. */
export function missingForSocketio(): string | undefined {
  return missingForBare() ?? missingProgram('redis-server', 'apt-get install redis-server')
}

export function missingForBare(): string | undefined {
  if (existsSync(join(PEERS, 'node_modules', 'socket.io'))) return undefined
  return 'The peers are not installed: npm ci --prefix bench/peers'
}

/** S, or S' with `catchUp`: PostgreSQL, Redis and two nodes. */
export function startSocketio({ catchUp }: { readonly catchUp: boolean }): Promise<ChatSystem> {
  return assembled(async (undo) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'holdfast-peer-'))
    undo.push(() => rm(dataDir, { recursive: true, force: true }))
    const postgres = await startEmbeddedPostgres({ dataDir, log: silentLog })
    undo.push(() => postgres.stop())
    await createTables(postgres.url, join(PEERS, 'socketio.sql'))
    const redis = await startRedis(dataDir)
    undo.push(() => redis.process.stop())
    const parameters = ['--database', postgres.url, '--redis', redis.url, ...(catchUp ? ['--catch-up'] : [])]
    const nodes = await startNodes('socketio-server.js', parameters, undo)
    const stop = () => undone(undo)
    return {
      ...nodes.system(socketioDialect),
      usage: () => familyUsage(postgres.pid, redis.process.pid, ...nodes.pids()),
      logReads: () => tableReads(postgres.url, 'message'),
      stop,
    }
  })
}

/** The floor: two bare WebSocket servers that give whoever comes back `missed` words. */
export function startBare(missed: number): Promise<ChatSystem> {
  return assembled(async (undo) => {
    const nodes = await startNodes('bare-server.js', [], undo)
    return {
      ...nodes.system(bareDialect(missed)),
      usage: () => familyUsage(...nodes.pids()),
      logReads: () => Promise.resolve(0),
      stop: () => undone(undo),
    }
  })
}

export type Undo = (() => Promise<unknown> | unknown)[]

/** Nothing that was started stays behind when a later part does not start. */
export async function assembled(assemble: (undo: Undo) => Promise<ChatSystem>): Promise<ChatSystem> {
  const undo: Undo = []
  try {
    return await assemble(undo)
  } catch (error) {
    await undone(undo)
    throw error
  }
}

export async function undone(undo: Undo): Promise<void> {
  for (const step of undo.splice(0).toReversed()) await step()
}

async function startNodes(program: string, parameters: readonly string[], undo: Undo) {
  const nodes: PeerProcess[] = []
  const addresses: string[] = []
  for (let index = 0; index < NODES; index++) {
    const port = await freePort()
    const words = [join(PEERS, program), '--port', String(port), ...parameters]
    const name = `${program} ${index + 1}`
    const node = await PeerProcess.start({ name, command: process.execPath, parameters: words, ready: /^ready$/ })
    undo.push(() => node.stop())
    nodes.push(node)
    addresses.push(`ws://127.0.0.1:${port}`)
  }
  const pids = () => nodes.map(({ pid }) => pid)
  return { pids, system: (dialect: Dialect) => systemOf(nodes, addresses, dialect) }
}

/** What all peers of like nodes have in common. */
export function systemOf(nodes: readonly PeerProcess[], addresses: readonly string[], dialect: Dialect) {
  const seat = (sender: string) => ({ sender, token: '' })
  return {
    addresses,
    dialect,
    ports: clientPorts(dialect.subprotocol),
    rooms: (count: number, agents: number) =>
      Promise.resolve(
        Array.from({ length: count }, () => ({
          conversation: realRandom.id(),
          visitor: seat('visitor'),
          agents: Array.from({ length: agents }, (_, index) => seat(`agent-${index}`)),
        })),
      ),
    onlooker: () => Promise.resolve(seat('onlooker')),
    socketKeepersBytes: () => familyUsage(...nodes.map(({ pid }) => pid))?.servers.residentBytes,
    killMachine(turn: number) {
      const place = turn % nodes.length
      nodes[place]?.kill()
      return `node ${place + 1}`
    },
    whole: () => Promise.resolve(nodes.every(({ ready }) => ready)),
  }
}

export async function createTables(url: string, file: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(readFileSync(file, 'utf8'))
  await client.end()
}

/** Keeps nothing on disk: an acknowledgement is PostgreSQL's, and Redis is as fast as it can be. */
async function startRedis(dataDir: string): Promise<{ process: PeerProcess; url: string }> {
  const port = await freePort()
  const parameters = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const process = await PeerProcess.start({
    name: 'redis-server',
    command: 'redis-server',
    parameters: [...parameters, '--dir', dataDir],
    ready: /Ready to accept connections/,
  })
  return { process, url: `redis://127.0.0.1:${port}` }
}

function missingProgram(program: string, remedy: string): string | undefined {
  const { error } = spawnSync(program, ['--version'])
  return error ? `${program} is not installed. On Debian: ${remedy}` : undefined
}

/** What the peers are made of, as it is installed. */
export function peerVersions(): readonly string[] {
  const { status, stdout } = spawnSync('redis-server', ['--version'], { encoding: 'utf8' })
  const redis = status === 0 ? [`Redis ${/v=(\S+)/.exec(stdout)?.[1] ?? ''}`] : []
  return [...redis, ...['socket.io', '@socket.io/redis-streams-adapter', 'redis', 'pg', 'ws'].flatMap(packageVersion)]
}

function packageVersion(name: string): readonly string[] {
  const file = join(PEERS, 'node_modules', name, 'package.json')
  return existsSync(file) ? [`${name} ${JSON.parse(readFileSync(file, 'utf8')).version}`] : []
}
