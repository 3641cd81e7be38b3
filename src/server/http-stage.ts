import type { FastifyInstance } from 'fastify'
import type { Passwords } from '../accounts/password-hash-node.ts'
import { createPeople, type People } from '../accounts/people.ts'
import { secretTexts } from '../accounts/secret-text-node.ts'
import type { ConversationId } from '../base/ids.ts'
import { type Log, silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { memoryMetrics } from '../base/metrics.ts'
import type { Random } from '../base/random.ts'
import { refuse } from '../base/refusals.ts'
import { CertificateKeeper } from '../config/certificate-keeper.ts'
import { CertificateRenewer } from '../config/certificate-renewer-node.ts'
import { CertificateVault } from '../config/certificate-vault-node.ts'
import { ConfigKeeper } from '../config/config-keeper.ts'
import { KindTable } from '../config/kind-table.ts'
import { CONFIG_KINDS } from '../config/kinds/all-kinds.ts'
import { PrivateKeys } from '../config/private-keys.ts'
import { SecretVault } from '../config/secret-vault-node.ts'
import type { Submission } from '../conversation/command.ts'
import type { WaitingAlarm } from '../ops/alarm-watch.ts'
import { type AuditSpool, AuditTrail } from '../ops/audit-trail.ts'
import { createPrometheus } from '../ops/prometheus.ts'
import { smtpMailer } from '../ops/smtp-mailer-node.ts'
import type { ConversationPort } from '../protocol/conversation-port.ts'
import type { DamagedRow } from '../protocol/rest-answers.ts'
import type { Claims, Scope, Tokens } from '../protocol/tokens.ts'
import type { AssetStore } from '../store/asset-store.ts'
import { judgeSettings } from '../store/database-safety.ts'
import type { HeadRow, MemberRow } from '../store/log-store.ts'
import { MemoryAccountStore } from '../store/memory-account-store.ts'
import { MemoryAlarmStore } from '../store/memory-alarm-store.ts'
import { MemoryAssetStore } from '../store/memory-asset-store.ts'
import { MemoryAuditStore } from '../store/memory-audit-store.ts'
import { MemoryConfigStore } from '../store/memory-config-store.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { sha256 } from '../store/sha256-node.ts'
import { lookAtAddress } from './address-look-node.ts'
import { type AssetShelf, assetShelf } from './asset-shelf-node.ts'
import { createHttpServer, type HttpSettings } from './http-server-node.ts'
import type { NodeFacade, NodeView } from './node-facade.ts'
import type { SetUpSurroundings } from './set-up-desk.ts'

/** The conversation that exists on the stage, and the one that does not. */
export const OWN: ConversationId = '0000000000001'
export const OTHER: ConversationId = '0000000000002'
const SECRET = 'the secret of the stage'

/** Tokens of the usual shape that nobody signed; `expired:` and `unknown:` in front make them so. */
export class PlainTokens implements Tokens {
  storeAway = false

  verify(token: string, graceMs = 0) {
    if (token.startsWith('unknown:')) return { kind: 'unknown-key' } as const
    const expired = token.startsWith('expired:')
    if (expired && graceMs === 0) return { kind: 'bad', code: 'token-expired' } as const
    try {
      return { kind: 'good', claims: claimsIn(expired ? token.slice(8) : token), expiresAtMs: 1000 } as const
    } catch {
      return { kind: 'bad', code: 'token-invalid' } as const
    }
  }

  issue(claims: Claims): string {
    const { subject: sub, ...more } = claims
    return `plain.${Buffer.from(JSON.stringify({ ...more, sub })).toString('base64url')}.unsigned`
  }

  async refreshKeys(): Promise<boolean> {
    return !this.storeAway
  }
}

function claimsIn(token: string): Claims {
  const { sub, ...more } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
  return { ...more, subject: sub }
}

/** A node that answers everything without a cluster; what it was asked is kept. */
export class StageNode implements NodeFacade {
  mode_: 'enabled' | 'disabled' | 'draining' = 'enabled'
  lease = true
  store: 'available' | 'unavailable' = 'available'
  readonly asked: { node: string; question: string; body: unknown }[] = []
  readonly submitted: { conversation: ConversationId; submission: Submission }[] = []
  /** What submissions are answered, first one first; an acknowledgement when it is empty. */
  readonly replies: Awaited<ReturnType<ConversationPort['submit']>>[] = []
  /** What nodes say of their master key; `newest` where nothing stands here. */
  readonly masterKeys = new Map<string, string>()
  /** What each node tells for a support bundle. */
  support: object = { log: [] }
  members_: MemberRow[] = [memberRow('e1', ['edge']), memberRow('n1', ['chat'])]

  readonly conversations: ConversationPort = {
    attach: () => ({ detach() {} }),
    submit: async (conversation, submission) => {
      this.submitted.push({ conversation, submission })
      return this.replies.shift() ?? { kind: 'ack', seq: this.submitted.length }
    },
    signal() {},
    read: async (conversation) =>
      conversation === OWN
        ? {
            kind: 'events',
            headSeq: 2,
            records: [
              { seq: 1, epoch: 1, at: 1, audience: 'everyone', sender: 'v', json: '{"seq":1,"type":"message"}' },
              { seq: 2, epoch: 1, at: 1, audience: 'staff', sender: 'a', json: '{"seq":2,"type":"note"}' },
            ],
          }
        : refuse('unknown-conversation'),
  }

  self = () => ({ node: 'e1', incarnation: 'run-e1' })
  members = () => this.members_
  mode = () => this.mode_
  leaseHeld = () => this.lease
  storeAvailability = () => this.store

  async inspect(node: string, question: string, body?: unknown): Promise<unknown> {
    this.asked.push({ node, question, body })
    if (question === 'view') {
      const view: NodeView = { startedAt: 1, supervised: true, counters: { ...memoryMetrics().read(), adoptions: 2 } }
      return view
    }
    if (question === 'decisions') return [{ n: 1, at: 5, node, what: 'adopt', reason: 'a reason' }]
    if (question === 'support') return this.support
    if (question === 'drain-state') return { phase: 'empty', total: 1, left: 0, moved: 1, sentence: 'Empty.' }
    if (question === 'master-key') return this.masterKeys.get(node) ?? 'newest'
    if (question === 'certificate') return { tls: true, fingerprint: 'aa' }
    if (question === 'configuration') return { revision: 0, digest: node === 'e1' ? '0' : 'another' }
    return question === 'move' ? true : null
  }
}

export function memberRow(node: string, roles: MemberRow['roles']): MemberRow {
  return {
    node,
    incarnation: `run-${node}`,
    relayAddress: 'h:1',
    httpUrl: `http://${node}.example`,
    roles,
    mode: 'enabled',
    version: '1',
    formatReads: 1,
    owned: 1,
    attached: 0,
    beatAgeMs: 10,
    tombstoned: false,
  }
}

export function staffToken(...scopes: Scope[]): string {
  return new PlainTokens().issue({ kind: 'staff', subject: 'ada', name: 'Ada', role: 'agent', scopes })
}

export function visitorToken(conversation: ConversationId): string {
  return new PlainTokens().issue({ kind: 'visitor', subject: 'v', name: 'V', conversation, system: 'http://x' })
}

export interface HttpStage {
  readonly app: FastifyInstance
  readonly node: StageNode
  readonly tokens: PlainTokens
  readonly acts: { node: string; act: string; seconds: number }[]
  readonly heads: HeadRow[]
  readonly damaged: DamagedRow[]
  readonly config: MemoryConfigStore
  readonly shelf: AssetShelf
  readonly secrets: SecretVault
  readonly audit: MemoryAuditStore
  readonly alarms: MemoryAlarmStore
  /** What the node could not store. */
  readonly waiting: WaitingAlarm[]
  readonly people: People
  /** What the set-up is told of the surroundings; a test changes it. */
  readonly setUp: { -readonly [Each in keyof SetUpSurroundings]: SetUpSurroundings[Each] }
  readonly clock: ManualClock
  readonly random: Random
}

/** A test of files gives a directory for them, and starts `shelf.cache`. */
export interface StageAssets {
  readonly dataDir?: string
  readonly limits?: { readonly assetBytes: number; readonly assetCacheBytes: number }
  readonly store?: AssetStore
}

/** The whole HTTP side on fakes. */
export async function httpStage(
  settings: Partial<HttpSettings> = {},
  supervised = true,
  log: Log = silentLog,
  assets: StageAssets = {},
): Promise<HttpStage> {
  const [node, tokens, clock] = [new StageNode(), new PlainTokens(), new ManualClock()]
  const acts: HttpStage['acts'] = []
  const heads: HeadRow[] = []
  const damaged: DamagedRow[] = []
  const config = new MemoryConfigStore(() => clock.wallMs())
  const [now, id] = [() => clock.wallMs(), () => `000000000${String(1000 + ids++)}`]
  const audit = new MemoryAuditStore({ now, hash: sha256 })
  const random = { fraction: () => 0, id }
  const documents = new MemoryStore({ now })
  const secrets = new SecretVault({ documents, masterKeys: [SECRET], clock, log })
  const configuration = configOf(config, clock)
  const shelf = assetShelf({
    ...{ clock, random, log, keeper: configuration.keeper },
    dataDir: assets.dataDir ?? 'no directory',
    limits: assets.limits ?? { assetBytes: 1_000_000, assetCacheBytes: 10_000_000 },
    store: assets.store ?? new MemoryAssetStore({ now, config }),
  })
  const people = createPeople({
    store: new MemoryAccountStore(now),
    ...{ tokens, passwords: PLAIN_PASSWORDS, texts: secretTexts, clock, random, log },
    configuration: () => configuration.keeper.configuration(),
    secret: (name) => secrets.read(name),
  })
  const setUp = {
    ...{ documents, lookAtAddress, mailer: smtpMailer, cluster: 'stage', startedWith: '', tls: false },
    lookAtDatabase: async () => ({ kind: 'looked' as const, findings: SAFE_DATABASE, roundTripMs: 0.4 }),
  }
  const alarms = new MemoryAlarmStore(now, documents.outbox)
  const waiting: WaitingAlarm[] = []
  let ids = 0
  const app = await createHttpServer(
    {
      version: '1',
      edge: true,
      publicUrl: '',
      addresses: [],
      allowedOrigins: () => ['https://shop.example'],
      pagesDirectory: import.meta.dirname,
      bodyBytesMax: 4096,
      requestsPerMinute: 100_000,
      trustedProxies: [],
      visitorTokensPerMinute: 100_000,
      anonymousVisitors: true,
      visitorLifetimeMs: 60_000,
      staffLifetimeMs: 60_000,
      refreshWithinMs: 60_000,
      ...settings,
    },
    {
      node,
      people,
      clock,
      heads: { list: async () => heads, damaged: async () => damaged },
      config: configuration,
      shelf,
      secrets,
      setUp,
      certificates: certificatesOf(documents, clock, new PrivateKeys({ vault: secrets, secret: SECRET })),
      audit: new AuditTrail({ store: audit, spool: noSpool, clock, random, log, node: 'e1' }),
      auditStore: audit,
      outbox: documents.outbox,
      alarms,
      watch: { known: () => ({ open: [], waiting, fresh: true }) },
      prometheus: createPrometheus(memoryMetrics(), { node: 'e1', process: false }),
      random,
      log,
      draining: () => false,
      ownUrl: () => 'http://e1.example',
      ...(supervised && { supervisor: { act: (name, act, seconds) => acts.push({ node: name, act, seconds }) } }),
    },
  )
  return {
    app,
    node,
    tokens,
    acts,
    heads,
    damaged,
    config,
    shelf,
    secrets,
    audit,
    alarms,
    waiting,
    people,
    setUp,
    clock,
    random,
  }
}

/** What a look at a good database finds. */
const SAFE_DATABASE = judgeSettings(
  new Map(
    Object.entries({
      ...{ server_version_num: '180004', server_version: '18.4', server_encoding: 'UTF8' },
      ...{ fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on' },
    }),
  ),
  1,
  { acceptDataLoss: false },
)

/** Passwords that are their own hashes: how they are hashed in earnest is proved where it is done. */
export const PLAIN_PASSWORDS: Passwords = {
  hash: async (password) => `plain ${password}`,
  check: async (password, hash) => (hash === `plain ${password}` ? 'right' : 'wrong'),
  isOutdated: () => false,
}

/** Nothing of it moves by itself. */
function certificatesOf(documents: MemoryStore, clock: ManualClock, keys: PrivateKeys) {
  const log = silentLog
  const vault = new CertificateVault({ documents, keys })
  const keeper = new CertificateKeeper({ clock, log, vault })
  const renewer = new CertificateRenewer({ clock, log, documents, keys, node: 'e1', vault, keeper })
  return { vault, keeper, renewer, hosts: () => ['chat.example.com'] }
}

/** What the store refuses is forgotten. */
const noSpool: AuditSpool = { put: async () => {}, drop: async () => {}, all: async () => [] }

/** A keeper that asks only when it is told to. */
function configOf(store: MemoryConfigStore, clock: ManualClock) {
  const kinds = new KindTable(CONFIG_KINDS)
  const cache = { read: async () => undefined, write: async () => {} }
  const digest = (text: string) => String(text.length)
  return { store, kinds, keeper: new ConfigKeeper({ clock, log: silentLog, store, cache, kinds, digest }) }
}
