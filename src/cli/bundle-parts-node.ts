import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { arch, cpus, freemem, loadavg, platform, release, totalmem, uptime } from 'node:os'
import { basename, join } from 'node:path'
import { PROGRAM_VERSION } from '../config/program-version-node.ts'
import { settingRows } from '../config/settings.ts'
import { shareableJson, shareableLines } from '../ops/shareable.ts'
import type { ArchivedFile } from '../ops/tar-archive.ts'
import type { ConfigAnswer } from '../protocol/config-answers.ts'
import { readClusterFile } from '../server/data-directory-node.ts'
import type { NodeSupport } from '../server/node-facade.ts'
import type { StoredConfiguration } from '../store/config-store.ts'
import { type AdminClient, adminClient } from './admin-client-node.ts'
import { examine, secretOf } from './doctor-checks-node.ts'
import type { Arguments, VerbIo } from './verb.ts'

/** What goes into a support bundle, secrets removed, and what could not be had. */
interface BundleParts {
  readonly files: readonly ArchivedFile[]
  readonly missing: readonly { readonly part: string; readonly why: string }[]
}

const LOG_BYTES_MAX = 4 * 1024 * 1024
const DECISIONS_MAX = 1000

/** Collects what can be had: from the cluster, if it answers, and from this machine. Never rejects. */
export async function bundleParts(args: Arguments, io: VerbIo): Promise<BundleParts> {
  const parts = new Parts()
  const directory = args.text('data') ?? '.holdfast'
  await parts.add('this-machine.json', async () => shareableJson(thisMachine(io)))
  await parts.add('doctor.json', async () => shareableJson(await doctor(directory, io)))
  await parts.each('logs', async () => localLogs(directory))
  await parts.each('last-known', async () => lastKnown(directory))
  let client: AdminClient | undefined
  await parts.each('cluster', async () => {
    client = adminClient(args, io)
    return [['cluster.json', shareableJson(await client.get('/api/cluster'))]]
  })
  if (client) await fromCluster(client, parts)
  return parts
}

async function fromCluster(client: AdminClient, parts: Parts): Promise<void> {
  const fetched = (name: string, path: string) => parts.add(name, async () => shareableJson(await client.get(path)))
  await parts.each('nodes', async () => {
    const { nodes } = await client.get<{ nodes: Record<string, NodeSupport> }>('/api/cluster/support')
    return Object.entries(nodes).flatMap(([name, { log, ...support }]) => [
      [`nodes/${name}.json`, shareableJson(support)],
      [`nodes/${name}.log`, shareableLines(log)],
    ])
  })
  await fetched('decisions.json', `/api/cluster/decisions?limit=${DECISIONS_MAX}`)
  await fetched('cluster-doctor.json', '/api/cluster/doctor')
  await fetched('counters.json', '/api/kpi')
  await parts.add('configuration.json', async () => {
    const { documents, kinds, ...configuration } = await client.get<ConfigAnswer>('/api/config')
    // As values alone: in a text no field could be told from another.
    const values = documents.map(({ name, revision, value }) => ({ name, revision, value }))
    return shareableJson({ ...configuration, documents: values })
  })
  await fetched('secrets.json', '/api/secrets')
}

/** Parts as they come; one that cannot be had does not hold up the others. */
class Parts implements BundleParts {
  readonly files: ArchivedFile[] = []
  readonly missing: { part: string; why: string }[] = []

  add(name: string, make: () => Promise<string>): Promise<void> {
    return this.each(name, async () => [[name, await make()]])
  }

  async each(part: string, make: () => Promise<readonly (readonly string[])[]>): Promise<void> {
    try {
      for (const [name = '', text = ''] of await make()) this.files.push({ name, bytes: Buffer.from(text) })
    } catch (error) {
      this.missing.push({ part, why: error instanceof Error ? error.message : String(error) })
    }
  }
}

function thisMachine({ env, clock }: VerbIo) {
  const settings = settingRows().flatMap(({ variable, setting }) => {
    const value = env[variable]
    return value === undefined ? [] : [[variable, setting.secret ? '***' : value] as const]
  })
  return {
    at: new Date(clock.wallMs()).toISOString(),
    version: PROGRAM_VERSION,
    runtime: process.version,
    system: `${platform()} ${release()} ${arch()}`,
    uptimeSeconds: uptime(),
    processors: cpus().length,
    load: loadavg(),
    memoryBytes: totalmem(),
    memoryFreeBytes: freemem(),
    settings: Object.fromEntries(settings),
  }
}

async function doctor(dataDir: string, { env }: VerbIo) {
  const cluster = readClusterFile(dataDir)
  const database = env.HOLDFAST_DATABASE ?? cluster?.database
  const secret = env.HOLDFAST_SECRET ?? secretOf(dataDir)
  return examine({
    dataDir,
    env,
    ports: [],
    ...(cluster && { cluster }),
    ...(database && { database }),
    ...(secret && { secret }),
  })
}

/** The logs of `holdfast up` here, and of its database; nodes that were started otherwise have told theirs by themselves. */
function localLogs(directory: string): readonly (readonly [string, string])[] {
  const nodes = namesIn(join(directory, 'logs')).map((name) => join('logs', name))
  const database = namesIn(directory).filter((name) => name === 'postgres.log')
  return [...nodes, ...database]
    .filter((name) => name.endsWith('.log'))
    .map((name) => [`logs/${basename(name)}`, shareableLines(lastLines(join(directory, name)))])
}

/** The configuration that each node here would start with while the database is away. */
function lastKnown(directory: string): readonly (readonly [string, string])[] {
  const folder = join(directory, 'nodes')
  return namesIn(folder).flatMap((node) => {
    const text = textIn(join(folder, node, 'configuration.json'))
    if (text === undefined) return []
    const { revision, documents } = JSON.parse(text) as StoredConfiguration
    const values = documents.map(({ body, ...document }) => ({ ...document, value: JSON.parse(body) as unknown }))
    return [[`last-known/${node}.json`, shareableJson({ revision, documents: values })] as const]
  })
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function textIn(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/** The end of a file, from the first line that is whole. */
function lastLines(file: string): readonly string[] {
  const descriptor = openSync(file, 'r')
  try {
    const { size } = fstatSync(descriptor)
    const bytes = Buffer.alloc(Math.min(size, LOG_BYTES_MAX))
    const length = readSync(descriptor, bytes, 0, bytes.length, size - bytes.length)
    const lines = bytes.toString('utf8', 0, length).split('\n').filter(Boolean)
    return size > bytes.length ? lines.slice(1) : lines
  } finally {
    closeSync(descriptor)
  }
}
