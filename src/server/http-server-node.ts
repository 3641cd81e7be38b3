import type { RequestListener } from 'node:http'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import fastify, { type FastifyInstance } from 'fastify'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import type { People } from '../accounts/people.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import type { Trace } from '../base/spans.ts'
import { imageHostsOf } from '../config/image-hosts.ts'
import type { SecretVault } from '../config/secret-vault-node.ts'
import type { AlarmWatch } from '../ops/alarm-watch.ts'
import type { AuditTrail } from '../ops/audit-trail.ts'
import type { Prometheus } from '../ops/prometheus.ts'
import { pagePolicy } from '../protocol/page-policy.ts'
import type { NodeAct } from '../protocol/rest-answers.ts'
import type { AlarmStore } from '../store/alarm-store.ts'
import type { AuditStore } from '../store/audit-store.ts'
import type { LogStore } from '../store/log-store.ts'
import type { OutboxStore } from '../store/outbox-store.ts'
import { assetRoutes } from './asset-routes-node.ts'
import type { AssetShelf } from './asset-shelf-node.ts'
import type { CertificateDeskPorts } from './certificate-desk.ts'
import { ClusterView } from './cluster-view.ts'
import type { ConfigDeskPorts } from './config-desk.ts'
import { healthRoutes } from './health-routes.ts'
import { answerErrors } from './http-answers.ts'
import type { NodeFacade, Supervisor } from './node-facade.ts'
import { pageRoutes } from './page-routes-node.ts'
import { accountRoutes } from './rest-accounts.ts'
import { adminRoutes } from './rest-admin.ts'
import { alarmRoutes } from './rest-alarms.ts'
import { assetAdminRoutes } from './rest-assets.ts'
import { auditRoutes } from './rest-audit.ts'
import { certificateRoutes } from './rest-certificates.ts'
import { configRoutes } from './rest-config.ts'
import { conversationRoutes } from './rest-conversations.ts'
import { outboxRoutes } from './rest-outbox.ts'
import { secretRoutes } from './rest-secrets.ts'
import { setUpRoutes } from './rest-set-up.ts'
import { signInRoutes } from './rest-sign-in.ts'
import { tokenRoutes } from './rest-tokens.ts'
import { guardRoutes } from './route-access.ts'
import type { SetUpSurroundings } from './set-up-desk.ts'
import type { TlsFront } from './tls-front-node.ts'
import { TokenDesk } from './token-desk.ts'
import { traceRequests } from './traced-edge.ts'

export interface HttpSettings {
  readonly version: string
  /** Edges also serve pages and conversations; other nodes only health, numbers and operators. */
  readonly edge: boolean
  /** Asked anew each time: the set-up changes it while the node runs. */
  readonly publicUrl: string
  readonly addresses: readonly string[]
  /** Origins of web pages that may call. */
  readonly allowedOrigins: () => readonly string[] | 'any'
  /** Networks whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[]
  /** Where the pages were built to. */
  readonly pagesDirectory: string
  readonly bodyBytesMax: number
  readonly requestsPerMinute: number
  readonly visitorTokensPerMinute: number
  readonly anonymousVisitors: boolean
  readonly visitorLifetimeMs: number
  readonly staffLifetimeMs: number
  readonly refreshWithinMs: number
}

export interface HttpPorts {
  readonly node: NodeFacade
  readonly people: People
  readonly heads: Pick<LogStore, 'list' | 'damaged'>
  readonly config: Omit<ConfigDeskPorts, 'clock' | 'assets'>
  readonly shelf: AssetShelf
  readonly certificates: Omit<CertificateDeskPorts, 'clock'>
  /** Makes the server speak TLS; absent: it speaks plain HTTP. */
  readonly front?: TlsFront | undefined
  readonly secrets: SecretVault
  readonly setUp: SetUpSurroundings
  readonly audit: AuditTrail
  readonly auditStore: Pick<AuditStore, 'auditRows' | 'auditHead'>
  readonly outbox: OutboxStore
  readonly alarms: AlarmStore
  readonly watch: Pick<AlarmWatch, 'known'>
  readonly prometheus: Prometheus
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly draining: () => boolean
  /** This node's own address, known once it listens. */
  readonly ownUrl: () => string
  readonly supervisor?: Supervisor
  /** Absent: nobody collects traces. */
  readonly trace?: Trace | undefined
}

const OPERATOR_ACTS: readonly NodeAct[] = ['drain', 'disable', 'enable']
const SUPERVISED_ACTS: readonly NodeAct[] = ['kill', 'pause', 'restart']

/** The HTTP side of a node: every route with its schema and its access. The caller listens and closes. */
export async function createHttpServer(settings: HttpSettings, ports: HttpPorts): Promise<FastifyInstance> {
  const { front } = ports
  const app = fastify({
    ...(front && { serverFactory: (handler: RequestListener) => front.serverFor(handler) }),
    bodyLimit: settings.bodyBytesMax,
    // Limits count clients, not the balancer before them; an empty list trusts nobody.
    trustProxy: [...settings.trustedProxies],
    // A prototype in a body is refused, not repaired.
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    requestTimeout: 30_000,
    forceCloseConnections: true,
    logger: false,
  })
  app.setValidatorCompiler(({ schema }) => compiled(schema as TSchema))
  answerErrors(app, ports.log)
  if (ports.trace) traceRequests(app, ports.trace)
  await app.register(helmet, headersOf(settings))
  let policy = ''
  ports.config.keeper.onChange((configuration) => {
    policy = pagePolicy(imageHostsOf(configuration))
  })
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('content-security-policy', policy)
  })
  await app.register(rateLimit, { max: settings.requestsPerMinute, timeWindow: 60_000 })
  answerOtherSites(app, settings.allowedOrigins)
  const { people } = ports
  const access = {
    ...{ tokens: people.tokens, grants: people.grants, addresses: settings.addresses },
    setUpIsOffered: people.setUpIsOffered,
    get publicUrl() {
      return settings.publicUrl
    },
  }
  const refreshEnded = () => people.ended.refresh()
  guardRoutes(app, access)

  healthRoutes(app, ports)
  const desk = deskOf(settings, ports)
  const view = new ClusterView({
    node: ports.node,
    heads: ports.heads,
    clock: ports.clock,
    version: settings.version,
    publicUrl: () => desk.publicUrl(),
    acts: ports.supervisor ? [...OPERATOR_ACTS, ...SUPERVISED_ACTS] : OPERATOR_ACTS,
  })
  adminRoutes(app, { ...ports, view })
  configRoutes(app, { ...ports, ...ports.config, assets: ports.shelf.store })
  await assetAdminRoutes(app, { ...ports, keeper: ports.config.keeper })
  auditRoutes(app, ports.auditStore)
  secretRoutes(app, ports)
  outboxRoutes(app, ports)
  alarmRoutes(app, ports)
  certificateRoutes(app, { ...ports, ...ports.certificates })
  accountRoutes(app, { ...people, random: ports.random, audit: ports.audit, refreshEnded })
  const answerAsset = assetRoutes(app, { ...ports, pages: settings.edge })
  if (settings.edge) {
    const { node, heads, clock, random, audit } = ports
    conversationRoutes(app, { conversations: node.conversations, heads, desk, clock, random })
    tokenRoutes(app, { access, desk, random, audit, ...settings })
    signInRoutes(app, {
      ...{ ...people, desk, audit, refreshEnded },
      get publicUrl() {
        return settings.publicUrl
      },
    })
    setUpRoutes(app, {
      ...{ ...ports, accounts: people.store, config: { ...ports.config, clock, assets: ports.shelf.store } },
      certificates: { ...ports.certificates, clock },
    })
    await pageRoutes(app, settings.pagesDirectory, answerAsset)
  }
  return app
}

function deskOf(settings: HttpSettings, { people, clock, node, ownUrl }: HttpPorts): TokenDesk {
  const { addresses, visitorLifetimeMs, staffLifetimeMs } = settings
  return new TokenDesk({
    get publicUrl() {
      return settings.publicUrl
    },
    tokens: people.tokens,
    wallMs: () => clock.wallMs(),
    members: () => node.members(),
    addresses,
    ownUrl,
    visitorLifetimeMs,
    staffLifetimeMs,
  })
}

/** TypeBox's own validators: exact types, nothing coerced. A body that may be absent is an empty object. */
function compiled(schema: TSchema) {
  const validator = Compile(schema)
  return (data: unknown) => {
    const value = data ?? {}
    if (validator.Check(value)) return { value }
    const [first] = validator.Errors(value)
    return { error: new Error(`${first?.instancePath || 'it'} ${first?.message ?? 'is not what it should be'}`) }
  }
}

function headersOf({ publicUrl }: HttpSettings) {
  return {
    contentSecurityPolicy: false,
    // A host name that once spoke TLS must go on to; one that never did would become unreachable.
    strictTransportSecurity: publicUrl.startsWith('https:'),
  }
}

/** Lets allowed sites' pages ask for tokens and post; the others' browsers refuse by themselves. */
function answerOtherSites(app: FastifyInstance, allowedOrigins: HttpSettings['allowedOrigins']): void {
  app.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers
    reply.header('vary', 'origin')
    const allowed = allowedOrigins()
    if (origin === undefined || !(allowed === 'any' || allowed.includes(origin))) return
    reply.header('access-control-allow-origin', origin)
    if (request.method !== 'OPTIONS') return
    return reply
      .header('access-control-allow-methods', 'GET, POST')
      .header('access-control-allow-headers', 'authorization, content-type')
      .header('access-control-max-age', '600')
      .code(204)
      .send()
  })
}
