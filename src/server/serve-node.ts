import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { argonPasswords } from '../accounts/password-hash-node.ts'
import { createPeople } from '../accounts/people.ts'
import { secretTexts } from '../accounts/secret-text-node.ts'
import { every, pause } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { type Metrics, memoryMetrics } from '../base/metrics.ts'
import { realClock as clock } from '../base/real-clock-node.ts'
import { realRandom as random } from '../base/real-random-node.ts'
import type { Trace } from '../base/spans.ts'
import { createNativeChannel, type NativeChannel } from '../channels/native-channel.ts'
import { NATIVE_CHANNEL_DEFAULTS } from '../channels/native-settings.ts'
import { attachWebSocketServer } from '../channels/websocket-server-node.ts'
import { TlsNetwork } from '../cluster/tls-network-node.ts'
import {
  AUTHORITY_DOCUMENT,
  type ClusterAuthority,
  createOrLoadAuthority,
  issueNodeCertificate,
} from '../config/cluster-authority-node.ts'
import { configCache, configDigest } from '../config/config-cache-node.ts'
import { ConfigKeeper } from '../config/config-keeper.ts'
import { HiddenTexts } from '../config/hidden-texts.ts'
import { nodeIdentity } from '../config/identity-node.ts'
import { decodeJoinToken } from '../config/join-token.ts'
import { KindTable } from '../config/kind-table.ts'
import { CONFIG_KINDS } from '../config/kinds/all-kinds.ts'
import { PrivateKeys } from '../config/private-keys.ts'
import { PROGRAM_VERSION } from '../config/program-version-node.ts'
import { SecretVault } from '../config/secret-vault-node.ts'
import type { Settings } from '../config/settings.ts'
import { DecisionLog, rememberingLog } from '../ops/decision-log.ts'
import { createPinoLog } from '../ops/pino-log-node.ts'
import { portHolder } from '../ops/port-holder-node.ts'
import { createPrometheus } from '../ops/prometheus.ts'
import { RecentLines } from '../ops/recent-lines.ts'
import type { Tokens } from '../protocol/tokens.ts'
import type { AssetStore } from '../store/asset-store.ts'
import type { ConfigStore } from '../store/config-store.ts'
import { requireSafeDatabase } from '../store/database-safety.ts'
import type { MemberRow } from '../store/log-store.ts'
import { migrate } from '../store/migrations.ts'
import { PostgresStore } from '../store/postgres-store.ts'
import { RememberedDocuments } from '../store/remembered-documents-node.ts'
import { movePrivateKeys, openAuditTrail, openVault, supportOf } from './administration-node.ts'
import { type AssetShelf, assetShelf } from './asset-shelf-node.ts'
import { stateOf } from './cluster-view.ts'
import { type DatabasePreparation, prepareDatabase } from './database-preparation.ts'
import { answerDoctor } from './doctor-facts-node.ts'
import { DrainKeeper } from './drain-keeper.ts'
import { createNode, type HoldfastNode } from './holdfast-node.ts'
import { createHttpServer, type HttpPorts, type HttpSettings } from './http-server-node.ts'
import { answerCertificates, nodeAlarms } from './node-alarms-node.ts'
import type { DrainState, Supervisor } from './node-facade.ts'
import { nodeOutbox } from './node-outbox.ts'
import { answerOperators } from './node-questions.ts'
import { nodeSettingsOf } from './node-settings-of.ts'
import { allowedOrigins, ownUrlOf, reachableHost, rolesOf, SOCKET_PATH, socketAddresses } from './public-addresses.ts'
import { listenForRedirects } from './redirect-server-node.ts'
import { type ServedCertificates, serveCertificates } from './serve-certificates-node.ts'
import { SharedAddress, surroundingsOf } from './set-up-surroundings-node.ts'
import { SigningKeys } from './signing-keys-node.ts'
import { tracedConversations } from './traced-edge.ts'

/** A real node that runs in this process. */
interface ServedNode {
  readonly name: string
  readonly httpUrl: string
  readonly log: Log
  /** With it the first account is made; where there is one, there is no link. */
  readonly setUpLink?: string
  /** Sends clients elsewhere and gives all conversations away. */
  drain(): Promise<DrainState>
  /** Leaves the cluster and frees everything; what was not given away is adopted by others at once. */
  stop(): Promise<void>
}

interface ServeOptions {
  readonly supervisor?: Supervisor
  /** The node must not live on: another one has its name. */
  readonly fatal: (reason: string) => void
}

/** What the operator must change before this node can start; the message is for him. */
class CannotServe extends Error {
  override readonly name = 'CannotServe'
}

const PAGES = fileURLToPath(new URL('../../dist/web', import.meta.url))
const DAY_MS = 86_400_000
const RENEW_BEFORE_MS = 10 * DAY_MS
/** Clients of a node that goes away reconnect within this time, each at its own moment. */
const GOAWAY_MS = 2000
const GOAWAY_GRACE_MS = 500
const GOAWAY_POLL_MS = 50

/** What everything in this file shares. */
interface Ground {
  /** With the public address as it is at each moment. */
  readonly settings: Settings
  readonly address: SharedAddress
  readonly options: ServeOptions
  readonly name: string
  readonly log: Log
  readonly metrics: Metrics
  readonly decisions: DecisionLog
  readonly recent: RecentLines
  readonly hidden: HiddenTexts
  /** Undoes what was done, the newest first, when the node stops or cannot start. */
  readonly undo: (() => Promise<unknown> | unknown)[]
}

/** Puts a real node together on PostgreSQL, mutual TLS, HTTP and WebSocket, and starts it. */
export async function serveNode(settings: Settings, options: ServeOptions): Promise<ServedNode> {
  const access = sharedAccess(settings)
  const name = nodeIdentity({ dataDir: settings.dataDir, name: settings.name, fresh: settings.newIdentity, random })
  const hidden = new HiddenTexts()
  hidden.add(access.secret)
  const decisions = new DecisionLog({ node: name, clock, hidden })
  const { logLevel: level, logText } = settings
  const recent = new RecentLines()
  const log = rememberingLog(createPinoLog({ node: name, level, logText, recent, hidden }), decisions)
  const address = new SharedAddress(settings)
  const ground: Ground = {
    ...{ settings: address.settings, address, options, name, log, metrics: memoryMetrics() },
    ...{ decisions, recent, hidden, undo: [] },
  }
  try {
    return await assemble(ground, access)
  } catch (error) {
    await undoAll(ground)
    throw error
  }
}

async function assemble(ground: Ground, access: { databaseUrl: string; secret: string }): Promise<ServedNode> {
  const { settings, name, log, metrics, undo } = ground
  const store = new PostgresStore({ url: access.databaseUrl, log, applicationName: `holdfast ${name}` })
  undo.push(() => store.close())
  const documents = new RememberedDocuments(store, join(settings.dataDir, 'documents.json'), log)
  const database = await preparedDatabase(ground, access.databaseUrl, documents)
  const secrets = await openVault(ground, documents, access.secret)
  if (!(secrets instanceof SecretVault)) throw new CannotServe(secrets.reason)
  const keys = new PrivateKeys({ vault: secrets, secret: access.secret })
  const authority = await createOrLoadAuthority({ documents, keys })
  if (authority.kind === 'wrong-secret') throw new CannotServe(authority.reason)
  // Who issued a token is the same on every node, so that each of them takes the others'.
  const publicUrl = ground.address.startedWith || authority.cluster
  // Some nodes may have been started with the address that others were told.
  const alsoCalled = () => [authority.cluster, ground.address.told()]
  const tokens = new SigningKeys({ documents, keys, publicUrl, alsoCalled, clock, log })
  await tokens.start()
  undo.push(() => tokens.stop())
  const config = await centralConfiguration(ground, store.configuration)
  ground.address.follow(config.keeper)
  const shelf = await assets(ground, store.assets, config.keeper)
  const audit = openAuditTrail(ground, store.audit)
  const certificates = await serveCertificates({ ...ground, documents, keys })
  const people = createPeople({
    ...{ store: store.accounts, tokens, passwords: argonPasswords(), texts: secretTexts, clock, random, log },
    configuration: () => config.keeper.configuration(),
    secret: (secretName) => secrets.read(secretName),
  })
  await people.ended.start()
  undo.push(() => people.ended.stop())

  const outbox = nodeOutbox({
    ...{ clock, random, log, metrics, store, self: () => node.self().incarnation },
    configuration: () => config.keeper.configuration(),
    secret: (secretName) => secrets.read(secretName),
  })
  let httpUrl = ''
  const network = await openNetwork(ground, authority, () => node.self())
  const node: HoldfastNode = createNode({
    clock,
    random,
    log,
    metrics,
    logStore: store,
    memberStore: store,
    network,
    posts: outbox.posts,
    fatal: ground.options.fatal,
    settings: nodeSettingsOf(settings, name, { relayAddress: () => network.address(), httpUrl: () => httpUrl }),
  })
  const alarms = nodeAlarms({
    ...{ ...ground, clock, random, node, store, databaseUrl: access.databaseUrl },
    keeper: config.keeper,
    secrets,
  })
  const trace = await edgeTraces(ground)
  const channel = nativeChannel(ground, node, people.tokens, trace)
  const drains = new DrainKeeper(node, () => channel.goaway(GOAWAY_MS))
  const http = await listen(ground, {
    node,
    people,
    heads: store,
    config,
    shelf,
    secrets,
    setUp: surroundingsOf({
      ...{ documents, cluster: authority.cluster, tls: certificates.front !== undefined },
      ...{ settings, startedWith: ground.address.startedWith, databaseUrl: access.databaseUrl },
    }),
    certificates,
    front: certificates.front,
    audit,
    auditStore: store.audit,
    outbox: store.outbox,
    alarms: store.alarms,
    watch: alarms,
    prometheus: createPrometheus(metrics, { node: name, process: true }),
    clock,
    random,
    log,
    trace,
    draining: () => drains.running,
    ownUrl: () => httpUrl,
    ...(ground.options.supervisor && { supervisor: ground.options.supervisor }),
  })
  httpUrl = http.url
  if (isEdge(settings)) openSocketServer(ground, http, channel)
  await openRedirects(ground, http.server, certificates)
  const supervised = ground.options.supervisor !== undefined
  const startedAt = clock.wallMs()
  const support = () => supportOf(ground, config.keeper, startedAt)
  answerOperators(node, {
    ...{ drains, decisions: ground.decisions, metrics, startedAt, supervised, support },
    config: config.keeper,
  })
  node.onInspect('master-key', () => secrets.masterKeyState())
  node.onInspect('certificate', async () => certificates.shown())
  answerDoctor({ ...ground, node, clock, secrets, certificates, network, config, access, httpUrl: () => httpUrl })
  movePrivateKeys(ground, { documents, keys, secrets, node })
  answerCertificates(node, { front: certificates.front, network, authority })
  undo.push(() => node.stop())
  undo.push(() => outbox.driver.stop())
  undo.push(() => alarms.stop())
  alarms.start()
  const begin = async () => {
    await node.start()
    outbox.driver.start()
  }
  if (database.done) await begin()
  else void database.ready.then(begin).catch((error: unknown) => ground.options.fatal(String(error)))
  log.info(`${name} serves at ${httpUrl} as ${settings.role}; other nodes reach it at ${network.address()}.`)
  // Where people come in, and nobody can yet; `holdfast up` makes its own accounts.
  const offers = isEdge(settings) && !supervised
  const setUpLink = offers ? await people.setUpLink(settings.publicUrl || httpUrl) : undefined
  return {
    name,
    httpUrl,
    log,
    ...(setUpLink !== undefined && { setUpLink }),
    drain: () => drainAndWaitForClients(ground, node, drains, channel),
    stop: () => undoAll(ground),
  }
}

/** A node that has been in its cluster before starts although the database is away. */
function preparedDatabase(
  { settings, options, log }: Ground,
  url: string,
  documents: RememberedDocuments,
): Promise<DatabasePreparation> {
  const prepare = async () => {
    await requireSafeDatabase(url, { acceptDataLoss: settings.acceptDataLoss, log })
    await migrate(url, log)
  }
  return prepareDatabase({ prepare, mayWait: documents.knows(AUTHORITY_DOCUMENT), clock, log, fatal: options.fatal })
}

/** Database and secret: from the join token, or from their own settings. */
function sharedAccess(settings: Settings): { databaseUrl: string; secret: string } {
  if (settings.join) {
    const token = decodeJoinToken(settings.join)
    if (token.kind === 'bad-token') throw new CannotServe(token.reason)
    return { databaseUrl: token.database, secret: token.secret }
  }
  const { database, secret } = settings
  if (!database || !secret)
    throw new CannotServe(
      'A node needs --join TOKEN (from `holdfast token join` on a node of the cluster), or a database and a secret: --database URL and HOLDFAST_SECRET.',
    )
  return { databaseUrl: database, secret }
}

/** The central configuration, kept at the newest for as long as the node runs. */
async function centralConfiguration({ settings, log, undo }: Ground, store: ConfigStore) {
  const kinds = new KindTable(CONFIG_KINDS)
  const cache = configCache(join(settings.dataDir, 'configuration.json'), log)
  const keeper = new ConfigKeeper({ clock, log, store, cache, kinds, digest: configDigest })
  await keeper.start()
  undo.push(() => keeper.stop())
  return { store, keeper, kinds }
}

/** The files of the cluster that this node has, and keeps in order for as long as it runs. */
async function assets({ settings, log, undo }: Ground, store: AssetStore, keeper: ConfigKeeper): Promise<AssetShelf> {
  const { dataDir, limits } = settings
  const shelf = assetShelf({ store, keeper, clock, random, log, dataDir, limits })
  await shelf.cache.start()
  shelf.upkeep.start()
  undo.push(() => shelf.stop())
  return shelf
}

async function openNetwork(
  ground: Ground,
  authority: ClusterAuthority,
  self: HoldfastNode['self'],
): Promise<TlsNetwork> {
  const { settings, name, log, undo } = ground
  let { certificate, key, expiresAtMs } = await issueNodeCertificate(authority, name)
  const network = new TlsNetwork({
    certificate,
    key,
    authority: authority.certificate,
    self: () => self(),
    listenHost: settings.relay.host,
    port: settings.relay.port,
    advertised: settings.relay.advertise || reachableHost(settings.relay.host, hostname()),
    log,
  })
  await explainPort(settings.relay.port, network.open())
  undo.push(() => network.close())
  undo.push(
    every(clock, DAY_MS, async () => {
      if (expiresAtMs - clock.wallMs() > RENEW_BEFORE_MS) return
      ;({ certificate, key, expiresAtMs } = await issueNodeCertificate(authority, name))
      network.renew({ certificate, key })
      log.decision('renew', 'The certificate of this node ends soon; a new one is shown from now on.')
    }),
  )
  return network
}

/** Where a collector is named; its packages are read only then. */
async function edgeTraces({ settings, name: node, log, undo }: Ground): Promise<Trace | undefined> {
  const { url, percent } = settings.traces
  if (url === '' || !isEdge(settings)) return undefined
  const { openEdgeTraces } = await import('../ops/edge-traces-node.ts')
  const traces = openEdgeTraces({ url, percent, node, version: PROGRAM_VERSION, log })
  undo.push(() => traces.stop())
  return traces
}

function nativeChannel(
  { settings, name, log, metrics, undo }: Ground,
  node: HoldfastNode,
  tokens: Tokens,
  trace: Trace | undefined,
): NativeChannel {
  const { limits } = settings
  const channel = createNativeChannel({
    clock,
    log,
    metrics,
    tokens,
    conversations: trace ? tracedConversations(node.conversations, trace) : node.conversations,
    settings: {
      ...NATIVE_CHANNEL_DEFAULTS,
      node: name,
      heartbeatMs: limits.heartbeatMs,
      frameBytes: limits.frameBytes,
      textLength: limits.textLength,
      messagesPerSecond: limits.framesPerSecond,
      addresses: () => socketAddresses(settings, node.members()),
      // Where nobody else takes clients, asking them to go would make them come back again and again.
      leavesWithinMs: () => (node.mode() === 'draining' && otherEdges(node).length > 0 ? GOAWAY_MS : undefined),
    },
  })
  undo.push(() => channel.stop(1012, 'the node stops'))
  return channel
}

async function listen(ground: Ground, ports: HttpPorts): Promise<{ url: string; server: Server }> {
  const { settings, undo } = ground
  const { limits, tokens } = settings
  const httpSettings: HttpSettings = {
    version: PROGRAM_VERSION,
    edge: isEdge(settings),
    get publicUrl() {
      return settings.publicUrl
    },
    addresses: settings.addresses,
    allowedOrigins: () => allowedOrigins(settings, ports.ownUrl()),
    trustedProxies: settings.trustedProxies,
    pagesDirectory: PAGES,
    bodyBytesMax: limits.frameBytes,
    requestsPerMinute: limits.requestsPerMinute,
    visitorTokensPerMinute: limits.visitorTokensPerMinute,
    ...tokens,
  }
  const app = await createHttpServer(httpSettings, ports)
  undo.push(() => app.close())
  await explainPort(settings.port, app.listen({ host: settings.host, port: settings.port }))
  const { port } = app.server.address() as AddressInfo
  return {
    url: ownUrlOf(reachableHost(settings.host, hostname()), port, ports.front !== undefined),
    server: app.server,
  }
}

async function openRedirects(
  { settings, log, undo }: Ground,
  server: Server,
  { renewer }: ServedCertificates,
): Promise<void> {
  const { host, redirectPort: port } = settings
  if (port === 0) return
  const httpsPort = () => (server.address() as AddressInfo).port
  const answerTo = (token: string) => renewer.challenges.answerTo(token)
  const options = {
    ...{ host, port, httpsPort, answerTo, log },
    get publicUrl() {
      return settings.publicUrl
    },
  }
  const redirects = await explainPort(port, listenForRedirects(options))
  undo.push(() => redirects.close())
}

function openSocketServer(ground: Ground, http: { url: string; server: Server }, channel: NativeChannel): void {
  const { settings, log, undo } = ground
  const sockets = attachWebSocketServer({
    server: http.server,
    path: SOCKET_PATH,
    channel,
    get allowedOrigins() {
      return allowedOrigins(settings, http.url)
    },
    frameBytes: settings.limits.frameBytes,
    socketsMax: settings.limits.sockets,
    log,
  })
  undo.push(() => sockets.close())
}

/** Conversations and clients leave at the same time; the node is empty when both have. */
async function drainAndWaitForClients(
  { settings, name, log }: Ground,
  node: HoldfastNode,
  drains: DrainKeeper,
  channel: NativeChannel,
): Promise<DrainState> {
  const others = node.members().filter((member) => member.node !== name && stateOf(member) === 'live')
  if (!others.some(({ roles }) => roles.some((role) => role !== 'edge'))) {
    log.decision('no-drain', 'No other node could take conversations; they rest in the store until one comes.')
    return drains.state()
  }
  const clientsGoneByMs = clock.monotonicMs() + GOAWAY_MS + GOAWAY_GRACE_MS
  const state = await drains.drain({ deadlineMs: settings.drainDeadlineMs, finish: false })
  while (channel.sockets > 0 && clock.monotonicMs() < clientsGoneByMs) await pause(clock, GOAWAY_POLL_MS)
  return state
}

/** Other nodes that take clients and mean to stay. */
function otherEdges(node: HoldfastNode): readonly MemberRow[] {
  return node
    .members()
    .filter((member) => member.node !== node.self().node && stateOf(member) === 'live')
    .filter(({ roles, mode }) => roles.includes('edge') && mode !== 'draining')
}

function isEdge({ role }: Settings): boolean {
  return rolesOf(role).includes('edge')
}

async function explainPort<Result>(port: number, listening: Promise<Result>): Promise<Result> {
  try {
    return await listening
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    const holder = portHolder(port)
    throw new CannotServe(
      `Port ${port} is in use${holder ? ` by ${holder}` : ''}. Choose another one, or end that process.`,
    )
  }
}

async function undoAll({ undo, log }: Ground): Promise<void> {
  for (const step of undo.splice(0).reverse()) {
    try {
      await step()
    } catch (error) {
      log.warn('Something did not close cleanly.', { error })
    }
  }
}
