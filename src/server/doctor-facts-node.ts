import { readFile, stat, statfs } from 'node:fs/promises'
import { connect } from 'node:net'
import { totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'
import type { Clock } from '../base/clock.ts'
import { within } from '../base/deadline.ts'
import type { ConfigKeeper } from '../config/config-keeper.ts'
import { PROGRAM_VERSION } from '../config/program-version-node.ts'
import type { SecretVault } from '../config/secret-vault-node.ts'
import type { Settings } from '../config/settings.ts'
import { shownCertificate } from '../config/shown-certificate-node.ts'
import { EVENT_FORMAT } from '../conversation/event-json.ts'
import { VERSIONS } from '../protocol/client-frames.ts'
import type { DoctorFacts, DoctorSection } from '../protocol/doctor-schema.ts'
import { type DatabaseLook, lookAtDatabase } from '../store/database-look.ts'
import { checkDatabase } from '../store/database-safety.ts'
import { newestRuns, stateOf } from './cluster-view.ts'
import type { HoldfastNode } from './holdfast-node.ts'
import { reachableHost, rolesOf } from './public-addresses.ts'

export interface DoctorFactsPorts {
  readonly node: Pick<HoldfastNode, 'onInspect' | 'members' | 'self'>
  readonly settings: Settings
  readonly clock: Clock
  readonly config: { readonly keeper: Pick<ConfigKeeper, 'configuration' | 'digest'> }
  readonly secrets: Pick<SecretVault, 'masterKeyState'>
  readonly access: { readonly databaseUrl: string }
  readonly certificates: { shown(): { readonly tls?: boolean } }
  /** Where others reach this node. */
  readonly httpUrl: () => string
  readonly network: { address(): string }
}

/** The asker of all nodes waits a little longer than this. */
const LOOK_PATIENCE_MS = 5000
const CONNECT_PATIENCE_MS = 2000
/** What a node opens beside the sockets of clients: database, links, files. */
const OTHER_FILES = 512

/** Lets this node answer what it finds when it looks at itself and around itself. Looks that are under way are shared. */
export function answerDoctor(ports: DoctorFactsPorts): void {
  let looking: Promise<DoctorFacts> | undefined
  ports.node.onInspect('wall-clock', async () => ports.clock.wallMs())
  ports.node.onInspect('doctor', () => {
    looking ??= lookAround(ports).finally(() => {
      looking = undefined
    })
    return looking
  })
}

type Look = () => Promise<DoctorFacts[DoctorSection]>

/** Everything that can be seen within a few seconds; what hangs or fails holds nothing else up. */
export async function lookAround(ports: DoctorFactsPorts): Promise<DoctorFacts> {
  const { settings, clock } = ports
  const [{ keeper }, { databaseUrl }] = [ports.config, ports.access]
  const looked: Promise<DatabaseLook> = lookAtDatabase(databaseUrl, clock)
  const looks: Readonly<Record<DoctorSection, Look>> = {
    publicAddress: async () => ({ publicUrl: settings.publicUrl, addresses: [...settings.addresses] }),
    certificate: () => certificate(ports),
    program: async () => ({ version: PROGRAM_VERSION, formatReads: EVENT_FORMAT, protocols: [...VERSIONS] }),
    runtime: async () => ({ version: process.versions.node }),
    configuration: async () => ({ revision: keeper.configuration().revision, digest: keeper.digest }),
    databaseClock: async () => (await looked).clock,
    ports: () => reached(ports),
    database: async () => {
      const [{ roundTripMs }, findings] = await Promise.all([looked, checkDatabase(databaseUrl, settings)])
      const faults = findings.filter(({ ok }) => !ok).map(({ name, found, remedy }) => ({ name, found, remedy }))
      return { roundTripMs, faults }
    },
    schema: async () => (await looked).schema,
    disk: async () => {
      const { bavail, blocks, bsize } = await statfs(settings.dataDir)
      return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
    },
    masterKey: async () => ({ state: await ports.secrets.masterKeyState() }),
    memory: async () => memory(),
    openFiles: () => openFiles(settings),
    time,
  }
  const unseen: Partial<Record<DoctorSection, string>> = {}
  const seen = Object.entries(looks).map(async ([name, look]) => {
    try {
      const late = new Error(`no answer within ${LOOK_PATIENCE_MS / 1000} s`)
      const fact = await within(clock, LOOK_PATIENCE_MS, look(), late)
      if (fact instanceof Error) throw fact
      return fact === undefined ? [] : [[name, fact] as const]
    } catch (error) {
      unseen[name as DoctorSection] = error instanceof Error ? error.message : String(error)
      return []
    }
  })
  return { ...Object.fromEntries((await Promise.all(seen)).flat()), unseen }
}

async function certificate(ports: DoctorFactsPorts): Promise<DoctorFacts['certificate']> {
  const { settings, certificates, httpUrl } = ports
  const { tls = false } = certificates.shown()
  if (!tls) return { tls }
  const found = await shownCertificate(
    reachableHost(settings.host, '127.0.0.1'),
    portIn(withoutScheme(httpUrl())),
    CONNECT_PATIENCE_MS,
  )
  if (!found) return { tls }
  const { fingerprint, subject, beginsAtMs, endsAtMs } = found
  return { tls, shown: { fingerprint, subject, beginsAtMs, endsAtMs } }
}

/** Which ports are open here, and whether those of the others can be reached from here. */
async function reached(ports: DoctorFactsPorts): Promise<DoctorFacts['ports']> {
  const { node, settings, httpUrl, network, clock } = ports
  const redirect = settings.redirectPort
  const listens = [
    { what: 'HTTP', port: portIn(withoutScheme(httpUrl())) },
    { what: 'link', port: portIn(network.address()) },
    ...(redirect === 0 ? [] : [{ what: 'redirect', port: redirect }]),
  ]
  const others = newestRuns(node.members()).filter(
    (member) => member.node !== node.self().node && stateOf(member) !== 'dead',
  )
  const ways = others.flatMap((member) => [
    { node: member.node, what: 'HTTP', address: withoutScheme(member.httpUrl) },
    { node: member.node, what: 'link', address: member.relayAddress },
  ])
  const reaches = await Promise.all(ways.map(async (way) => ({ ...way, ...(await reach(way.address, clock)) })))
  return { listens, reaches }
}

/** `https://host:443` -> `host:443`: of an address with its scheme, `URL` leaves out the usual port. */
function withoutScheme(url: string): string {
  return url.replace(/^https?:\/\//, '')
}

function portIn(address: string): number {
  return Number(new URL(`tcp://${address}`).port)
}

/** Opens a connection and says nothing. */
function reach(address: string, clock: Clock): Promise<{ roundTripMs?: number; reason: string }> {
  if (!URL.canParse(`tcp://${address}`)) return Promise.resolve({ reason: 'it is no address' })
  const { hostname, port } = new URL(`tcp://${address}`)
  const begunMs = clock.monotonicMs()
  return new Promise((resolve) => {
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port),
      timeout: CONNECT_PATIENCE_MS,
    })
    const answer = (answered: { roundTripMs?: number; reason: string }) => {
      socket.destroy()
      resolve(answered)
    }
    socket.once('connect', () => answer({ roundTripMs: clock.monotonicMs() - begunMs, reason: '' }))
    socket.once('error', (error: NodeJS.ErrnoException) => answer({ reason: error.code ?? error.message }))
    socket.once('timeout', () => answer({ reason: `no answer within ${CONNECT_PATIENCE_MS / 1000} s` }))
  })
}

/** What the machine gives is less than it has where the process runs in a container. */
function memory(): NonNullable<DoctorFacts['memory']> {
  const constrained = process.constrainedMemory()
  return {
    heapBytesMax: getHeapStatistics().heap_size_limit,
    machineBytesMax: constrained > 0 ? Math.min(constrained, totalmem()) : totalmem(),
    usedBytes: process.memoryUsage.rss(),
  }
}

/** Told by Linux alone. */
async function openFiles({ role, limits }: Settings): Promise<DoctorFacts['openFiles']> {
  const text = await readFile('/proc/self/limits', 'utf8').catch(() => '')
  const soft = /^Max open files\s+(\S+)/m.exec(text)?.[1]
  if (soft === undefined) return undefined
  const sockets = rolesOf(role).includes('edge') ? limits.sockets : 0
  const limit = soft === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(soft)
  return { limit, wanted: sockets + OTHER_FILES }
}

/** systemd says by a file whether its time service has set the clock; of others we know nothing. */
async function time(): Promise<DoctorFacts['time']> {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  const there = (path: string) =>
    stat(path).then(
      () => true,
      () => false,
    )
  if (!(await there('/run/systemd/timesync'))) return { zone: timeZone }
  return { zone: timeZone, followed: await there('/run/systemd/timesync/synchronized') }
}
