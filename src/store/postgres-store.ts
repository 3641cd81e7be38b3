import {
  bitsFromId,
  type ConversationId,
  type Epoch,
  type Incarnation,
  type NodeName,
  type Owner,
  type ParticipantId,
  type Seq,
} from '../base/ids.ts'
import type { Log } from '../base/log.ts'
import type { AccountStore } from './account-store.ts'
import type { AlarmStore } from './alarm-store.ts'
import { AppendBatches } from './append-batches.ts'
import { APPEND_SESSION } from './append-statement.ts'
import type { AssetStore } from './asset-store.ts'
import type { AuditStore } from './audit-store.ts'
import type { ConfigStore } from './config-store.ts'
import type { Document, DocumentStore } from './document-store.ts'
import {
  type BeatOutcome,
  type Claimed,
  type ClaimOutcome,
  type ClaimRequest,
  type Damaged,
  type JoinOutcome,
  LEASE,
  type LogStore,
  type MemberFacts,
  type MemberStore,
  type Slice,
  type SliceOutcome,
  type Snapshot,
  StoreUnavailable,
} from './log-store.ts'
import type { OutboxStore } from './outbox-store.ts'
import { PostgresAccountStore } from './postgres-account-store.ts'
import { PostgresAlarmStore } from './postgres-alarm-store.ts'
import { PostgresAssetStore } from './postgres-asset-store.ts'
import { PostgresAuditStore } from './postgres-audit-store.ts'
import { PostgresConfigStore } from './postgres-config-store.ts'
import { PostgresConnections, StatementRefused } from './postgres-connections.ts'
import { PostgresOutboxStore } from './postgres-outbox-store.ts'
import { claimedIn, damagedIn, headIn, idIn, memberIn, numberIn, ownerIn, type Row, recordIn } from './postgres-rows.ts'
import { ServerHistory } from './server-history.ts'

interface PostgresStoreOptions {
  /** `postgres://user:secret@host:port/database`; several hosts separated by commas, of which the writable one is used. */
  readonly url: string
  readonly log: Log
  readonly applicationName: string
}

const ANSWER_TIMEOUT_MS = 15_000
// A beat on a connection that died silently must not keep the next beats waiting past the lease for long.
const BEAT_TIMEOUT_MS = 1000

/**
 * The store on PostgreSQL: one call is one statement is one transaction. Appends, the other calls and beats have
 * connections of their own, so that none waits behind another kind. Bodies stay text from end to end.
 */
export class PostgresStore implements LogStore, MemberStore, DocumentStore {
  readonly accounts: AccountStore = new PostgresAccountStore((...statement) => this.#run(...statement))
  readonly alarms: AlarmStore = new PostgresAlarmStore((...statement) => this.#run(...statement))
  readonly configuration: ConfigStore = new PostgresConfigStore((...statement) => this.#run(...statement))
  readonly assets: AssetStore = new PostgresAssetStore((...statement) => this.#run(...statement))
  readonly audit: AuditStore = new PostgresAuditStore((...statement) => this.#run(...statement))
  readonly outbox: OutboxStore = new PostgresOutboxStore((...statement) => this.#run(...statement))
  readonly #appends: PostgresConnections
  readonly #batches: AppendBatches
  readonly #others: PostgresConnections
  readonly #beats: PostgresConnections
  readonly #log: Log

  constructor({ url, log, applicationName }: PostgresStoreOptions) {
    const history = new ServerHistory()
    const connections = (max: number, answerTimeoutMs: number, session: readonly string[] = []) =>
      new PostgresConnections({ url, log, applicationName, max, answerTimeoutMs, history, session })
    this.#log = log
    this.#appends = connections(2, ANSWER_TIMEOUT_MS, APPEND_SESSION)
    this.#others = connections(3, ANSWER_TIMEOUT_MS)
    this.#beats = connections(1, BEAT_TIMEOUT_MS)
    this.#batches = new AppendBatches({
      connections: this.#appends,
      unavailable: (refused) => this.#unavailable(refused),
      findKey: (conversation, sender, key) => this.findKey(conversation, sender, key),
    })
  }

  async close(): Promise<void> {
    await Promise.all([this.#appends.close(), this.#others.close(), this.#beats.close()])
  }

  async open(conversation: ConversationId, by: Owner) {
    const [row] = await this.#run(
      'open',
      `WITH able AS (SELECT holdfast.may_own($2, $4) AS yes), created AS (
         INSERT INTO holdfast.head (conversation, epoch, owner, owner_node, opened_at, changed_at)
         SELECT $1, 1, $2, $3, holdfast.now_ms(), holdfast.now_ms() FROM able WHERE yes
         ON CONFLICT (conversation) DO NOTHING RETURNING conversation)
       SELECT able.yes, EXISTS (SELECT FROM created) AS created, h.epoch, h.seq, h.owner, h.owner_node
         FROM able LEFT JOIN holdfast.head h ON h.conversation = $1`,
      [bits(conversation), bits(by.incarnation), by.node, LEASE.leaseMs],
    )
    if (!row?.yes) return { kind: 'claimer-dead' } as const
    if (row.created === true) return { kind: 'opened', epoch: 1 } as const
    // Another one created it in this very moment: this statement's snapshot does not show it yet.
    if (row.epoch === null) return { kind: 'exists', epoch: 1 } as const
    const owner = ownerIn(row)
    const mine = numberIn(row, 'epoch') === 1 && numberIn(row, 'seq') === 0 && owner?.incarnation === by.incarnation
    if (mine) return { kind: 'opened', epoch: 1 } as const
    return { kind: 'exists', epoch: numberIn(row, 'epoch'), ...(owner && { owner }) } as const
  }

  async claim(requests: readonly ClaimRequest[], by: Owner): Promise<readonly ClaimOutcome[]> {
    const wanted = requests.map(({ conversation, expect }) => ({
      conversation: bits(conversation),
      ...(expect && { epoch: expect.epoch }),
      ...(expect?.incarnation !== undefined && { incarnation: bits(expect.incarnation) }),
    }))
    const rows = await this.#run('claim', 'SELECT * FROM holdfast.claim($1::json, $2, $3, $4, $5)', [
      JSON.stringify(wanted),
      bits(by.incarnation),
      by.node,
      LEASE.leaseMs,
      LEASE.steadyMs,
    ])
    const found = new Map(rows.map((row) => [idIn(row, 'conversation'), claimOutcome(row)]))
    return requests.map(({ conversation }) => found.get(conversation) ?? { kind: 'unknown-conversation', conversation })
  }

  async adopt(from: readonly Incarnation[], by: Owner, limit: number): Promise<readonly (Claimed | Damaged)[]> {
    const rows = await this.#run('adopt', 'SELECT * FROM holdfast.adopt_sound($1::bigint[], $2, $3, $4, $5)', [
      from.map(bits),
      bits(by.incarnation),
      by.node,
      limit,
      LEASE.leaseMs,
    ])
    return rows.map((row) => (row.kind === 'damaged' ? damagedIn(row) : claimedIn(row)))
  }

  async setApart(conversation: ConversationId, epoch: Epoch, reason: string): Promise<void> {
    await this.#run(
      'set-apart',
      `UPDATE holdfast.head SET owner = NULL, owner_node = NULL, offered_to = NULL, damage = $3
        WHERE conversation = $1 AND epoch = $2 AND owner IS NOT NULL`,
      [bits(conversation), epoch, reason],
    )
  }

  async damaged(limit: number, after?: ConversationId) {
    const rows = await this.#run(
      'damaged',
      `SELECT conversation, damage FROM holdfast.head WHERE damage IS NOT NULL AND conversation > $2
        ORDER BY conversation LIMIT $1`,
      [limit, after === undefined ? -1 : bits(after)],
    )
    return rows.map((row) => ({ conversation: idIn(row, 'conversation'), reason: String(row.damage) }))
  }

  append(slices: readonly Slice[]): Promise<readonly SliceOutcome[]> {
    return this.#batches.append(slices)
  }

  async read(conversation: ConversationId, after: Seq, limit: number) {
    const rows = await this.#run(
      'read',
      `SELECT h.seq AS head, e.* FROM holdfast.head h LEFT JOIN LATERAL (
         SELECT * FROM holdfast.event e WHERE e.conversation = h.conversation AND e.seq > $2 ORDER BY e.seq LIMIT $3) e ON true
        WHERE h.conversation = $1`,
      [bits(conversation), after, limit],
    )
    const [first] = rows
    if (!first) return undefined
    return { headSeq: numberIn(first, 'head'), records: first.seq === null ? [] : rows.map(recordIn) }
  }

  async findKey(conversation: ConversationId, sender: ParticipantId, key: string) {
    const [row] = await this.#run(
      'find-key',
      'SELECT seq, digest FROM holdfast.event WHERE conversation = $1 AND sender = $2 AND key = $3',
      [bits(conversation), sender, key],
    )
    return row && { seq: numberIn(row, 'seq'), digest: String(row.digest ?? '') }
  }

  async offerHandover(requests: readonly { conversation: ConversationId; epoch: Epoch; to: Owner }[]) {
    const wanted = requests.map(({ conversation, epoch, to }) => ({
      conversation: bits(conversation),
      epoch,
      to: bits(to.incarnation),
    }))
    return this.#changeOwned('offer', 'offered_to = r."to"', wanted)
  }

  async withdrawHandover(requests: readonly { conversation: ConversationId; epoch: Epoch }[]) {
    return this.#changeOwned(
      'withdraw',
      'offered_to = NULL',
      requests.map(({ conversation, epoch }) => ({ conversation: bits(conversation), epoch })),
    )
  }

  async release(requests: readonly { conversation: ConversationId; epoch: Epoch; wakeAt?: number }[]) {
    const wanted = requests.map(({ conversation, epoch, wakeAt }) => ({
      conversation: bits(conversation),
      epoch,
      wake_at: wakeAt,
    }))
    return this.#changeOwned(
      'release',
      'owner = NULL, owner_node = NULL, offered_to = NULL, wake_at = r.wake_at',
      wanted,
    )
  }

  async saveSnapshot(conversation: ConversationId, epoch: Epoch, { seq, format, json }: Snapshot): Promise<void> {
    await this.#run(
      'snapshot',
      `INSERT INTO holdfast.snapshot AS s (conversation, seq, format, json)
       SELECT $1, $3, $4, $5 FROM holdfast.head h WHERE h.conversation = $1 AND h.epoch <= $2 AND h.seq >= $3
       ON CONFLICT (conversation) DO UPDATE SET seq = excluded.seq, format = excluded.format, json = excluded.json
        WHERE s.seq < excluded.seq`,
      [bits(conversation), epoch, seq, format, json],
    )
  }

  async due(limit: number): Promise<readonly ConversationId[]> {
    const rows = await this.#run(
      'due',
      'SELECT conversation FROM holdfast.head WHERE wake_at <= holdfast.now_ms() AND owner IS NULL ORDER BY wake_at LIMIT $1',
      [limit],
    )
    return rows.map((row) => idIn(row, 'conversation'))
  }

  async ownedBy(incarnation: Incarnation, limit: number, after?: ConversationId) {
    const rows = await this.#run(
      'owned-by',
      'SELECT conversation, epoch FROM holdfast.head WHERE owner = $1 AND conversation > $3 ORDER BY conversation LIMIT $2',
      [bits(incarnation), limit, after === undefined ? -1 : bits(after)],
    )
    return rows.map((row) => ({ conversation: idIn(row, 'conversation'), epoch: numberIn(row, 'epoch') }))
  }

  async ownerOf(conversation: ConversationId): Promise<Owner | undefined> {
    const [row] = await this.#run('owner-of', 'SELECT owner, owner_node FROM holdfast.head WHERE conversation = $1', [
      bits(conversation),
    ])
    return row && ownerIn(row)
  }

  async list({ status, limit, before }: { status?: 'open' | 'closed'; limit: number; before?: number }) {
    // Two statements, each with an index that begins where the list does: one for both would walk along all heads.
    const rows = await this.#run(
      status ? 'list-status' : 'list',
      `SELECT * FROM holdfast.head WHERE ${status ? 'status = $3 AND' : ''} changed_at < $1
        ORDER BY changed_at DESC, conversation LIMIT $2`,
      [before ?? Number.MAX_SAFE_INTEGER, limit, ...(status ? [status] : [])],
    )
    return rows.map(headIn)
  }

  async join(self: Owner, facts: MemberFacts): Promise<JoinOutcome> {
    const [taken] = await this.#run(
      'join',
      `SELECT m.*, greatest(holdfast.now_ms() - m.beat_at, 0) AS beat_age, false AS tombstoned
         FROM holdfast.join_member($1, $2, $3::json, $4) m`,
      [bits(self.incarnation), self.node, JSON.stringify(facts), LEASE.leaseMs],
    )
    return taken ? { kind: 'name-taken', by: memberIn(taken) } : { kind: 'joined' }
  }

  async beat(self: Owner, facts: MemberFacts): Promise<BeatOutcome> {
    const rows = await this.#with(this.#beats, 'beat', 'SELECT * FROM holdfast.beat($1, $2::json, $3)', [
      bits(self.incarnation),
      JSON.stringify(facts),
      LEASE.leaseMs,
    ])
    const [first] = rows
    if (first) return { kind: 'renewed', storeNow: numberIn(first, 'store_now'), members: rows.map(memberIn) }
    const [row] = await this.#run('reason', 'SELECT reason FROM holdfast.member WHERE incarnation = $1', [
      bits(self.incarnation),
    ])
    return { kind: 'tombstoned', reason: String(row?.reason ?? 'the store does not know this incarnation') }
  }

  async tombstone(incarnation: Incarnation, reason: string): Promise<void> {
    await this.#run(
      'tombstone',
      'UPDATE holdfast.member SET tombstoned_at = holdfast.now_ms(), reason = $2 WHERE incarnation = $1 AND tombstoned_at IS NULL',
      [bits(incarnation), reason],
    )
  }

  async tombstoneName(node: NodeName, reason: string): Promise<void> {
    await this.#run(
      'tombstone-name',
      'UPDATE holdfast.member SET tombstoned_at = holdfast.now_ms(), reason = $2 WHERE node = $1 AND tombstoned_at IS NULL',
      [node, reason],
    )
  }

  async document(name: string): Promise<Document | undefined> {
    const [row] = await this.#run('document', 'SELECT * FROM holdfast.document WHERE name = $1', [name])
    return row && documentIn(row)
  }

  async documents(prefix: string): Promise<readonly Document[]> {
    const rows = await this.#run(
      'documents',
      'SELECT * FROM holdfast.document WHERE starts_with(name, $1) ORDER BY name',
      [prefix],
    )
    return rows.map(documentIn)
  }

  async putDocument(name: string, body: string, expect: number) {
    const [row] = await this.#run(
      'put-document',
      `INSERT INTO holdfast.document AS d (name, version, body) SELECT $1, 1, $2 WHERE $3::bigint = 0
       ON CONFLICT (name) DO NOTHING RETURNING version`,
      [name, body, expect],
    )
    if (row) return { kind: 'stored', version: 1 } as const
    const [changed] = await this.#run(
      'change-document',
      'UPDATE holdfast.document SET version = version + 1, body = $2 WHERE name = $1 AND version = $3 AND $3 > 0 RETURNING version',
      [name, body, expect],
    )
    if (changed) return { kind: 'stored', version: numberIn(changed, 'version') } as const
    const found = await this.document(name)
    return { kind: 'conflict', ...(found && { found }) } as const
  }

  /** Changes heads that are still owned at the epochs that the caller knows; locks them in the order of their ids. */
  async #changeOwned(name: string, change: string, wanted: readonly object[]): Promise<readonly ConversationId[]> {
    const rows = await this.#run(
      name,
      `WITH r AS MATERIALIZED (SELECT * FROM json_to_recordset($1::json) AS r(conversation bigint, epoch bigint, "to" bigint, wake_at bigint)),
       locked AS MATERIALIZED (
         SELECT h.conversation, h.epoch FROM holdfast.head h JOIN r USING (conversation)
          WHERE h.owner IS NOT NULL ORDER BY h.conversation FOR UPDATE OF h)
       UPDATE holdfast.head h SET ${change} FROM r JOIN locked l USING (conversation)
        WHERE h.conversation = r.conversation AND l.epoch = r.epoch RETURNING h.conversation`,
      [JSON.stringify(wanted)],
    )
    return rows.map((row) => idIn(row, 'conversation'))
  }

  #run(name: string, text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    return this.#with(this.#others, name, text, values)
  }

  async #with(
    connections: PostgresConnections,
    name: string,
    text: string,
    values: readonly unknown[],
  ): Promise<readonly Row[]> {
    try {
      return await connections.run({ name, text, values })
    } catch (error) {
      throw error instanceof StatementRefused ? this.#unavailable(error) : error
    }
  }

  /** Refused for no fault of the caller's (disk full, read only, no such table): it is not carried out. */
  #unavailable({ sqlState, message }: StatementRefused): StoreUnavailable {
    this.#log.error('The store refused a statement.', { sqlState, error: message })
    return new StoreUnavailable(`${sqlState}: ${message}`)
  }
}

const bits = (id: string) => bitsFromId(id).toString()

function claimOutcome(row: Row): ClaimOutcome {
  if (row.kind === 'claimed') return claimedIn(row)
  if (row.kind === 'damaged') return damagedIn(row)
  const conversation = idIn(row, 'conversation')
  const owner = ownerIn(row)
  if (row.kind === 'claimer-dead' || !owner) return { kind: 'claimer-dead', conversation }
  return { kind: 'alive', conversation, epoch: numberIn(row, 'epoch'), owner }
}

function documentIn(row: Row): Document {
  return { name: String(row.name), version: numberIn(row, 'version'), body: String(row.body) }
}
