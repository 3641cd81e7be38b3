import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { assert } from '../base/assertion.ts'
import { type Cancel, every } from '../base/clock.ts'
import type { EventRecord } from '../base/event-record.ts'
import type { ConversationId, Owner } from '../base/ids.ts'
import { silentLog } from '../base/log.ts'
import { memoryMetrics } from '../base/metrics.ts'
import { realClock as clock } from '../base/real-clock-node.ts'
import { realRandom as random } from '../base/real-random-node.ts'
import { type AppendShape, SINGLE_ROW } from '../bench/append-report.ts'
import { closedLoop } from '../bench/closed-loop.ts'
import type { Contestant } from '../bench/interleave.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../store/embedded-postgres-node.ts'
import { FencedLog } from '../store/fenced-log.ts'
import { LEASE } from '../store/log-store.ts'
import { migrate } from '../store/migrations.ts'
import { PostgresStore } from '../store/postgres-store.ts'

/** The usual way to be durable, and ours, on one database of their own, driven by one process. */
export interface AppendArena {
  readonly database: string
  /** The single rows first. */
  readonly contestants: readonly Contestant[]
  /** Milliseconds of several claims of a conversation with so many events and the snapshots that an owner makes. */
  restoreMs(events: number): Promise<readonly number[]>
  close(): Promise<void>
}

const BODY = 'x'.repeat(200)
const FACTS = {
  relayAddress: '127.0.0.1:1',
  httpUrl: 'http://127.0.0.1:1',
  roles: ['chat'],
  mode: 'enabled',
  version: '0',
  formatReads: 1,
  owned: 0,
  attached: 0,
} as const

export async function openAppendArena(options: {
  readonly shapes: readonly AppendShape[]
  readonly singleRowClients: number
  readonly durationMs: number
}): Promise<AppendArena> {
  const dataDir = await mkdtemp(join(tmpdir(), 'holdfast-bench-'))
  const undo: (() => Promise<unknown> | unknown)[] = [() => rm(dataDir, { recursive: true, force: true })]
  const close = async () => {
    for (const step of undo.splice(0).toReversed()) await step()
  }
  try {
    const postgres = await startEmbeddedPostgres({ dataDir, log: silentLog })
    undo.push(() => postgres.stop())
    await migrate(postgres.url, silentLog)
    const store = new PostgresStore({ url: postgres.url, log: silentLog, applicationName: 'holdfast bench' })
    undo.push(() => store.close())
    const fenced: Contestant[] = []
    for (const shape of options.shapes) fenced.push(await fencedAppends(store, shape, options.durationMs))
    const single = await singleRows(postgres, options, undo)
    const database = await versionOf(postgres)
    return { database, contestants: [single, ...fenced], restoreMs: (events) => restoreMs(store, events), close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Keys, dedupe, fences and ordered locks on: what an owner does for each slice, and nothing less. */
async function fencedAppends(store: PostgresStore, shape: AppendShape, durationMs: number): Promise<Contestant> {
  const self: Owner = { node: `bench-${shape.conversations}`, incarnation: random.id() }
  const conversations = await openConversations(store, self, shape.conversations)
  const log = new FencedLog({
    store,
    clock,
    log: silentLog,
    metrics: memoryMetrics(),
    self: () => self,
    policy: { resendAttempts: 0, resendDelayMs: 0 },
  })
  const heads = conversations.map(() => 0)
  const write = async (lane: number) => {
    const head = heads[lane] ?? 0
    const conversation = conversations[lane] ?? ''
    const events = Array.from({ length: shape.eventsPerSlice }, (_, index) => eventAt(head + index + 1))
    const outcome = await log.append({ conversation, epoch: 1, expectSeq: head, events })
    assert(outcome.kind === 'ok', `a benchmark's append is taken, not ${outcome.kind}`)
    heads[lane] = outcome.seq
    return events.length
  }
  const lanes = conversations.length
  return { name: shape.name, measure: async () => (await closedLoop({ clock, lanes, durationMs, write })).perSecond }
}

/** What an owner's node settings have, too. */
const SNAPSHOT_EVERY = 200
const CLAIMS = 20

async function restoreMs(store: PostgresStore, events: number): Promise<readonly number[]> {
  const self: Owner = { node: `restore-${events}`, incarnation: random.id() }
  const [conversation = ''] = await openConversations(store, self, 1)
  for (let head = 0; head < events; head = Math.min(events, head + SNAPSHOT_EVERY)) {
    const count = Math.min(SNAPSHOT_EVERY, events - head)
    const slice = Array.from({ length: count }, (_, index) => eventAt(head + index + 1))
    await store.append([{ conversation, epoch: 1, expectSeq: head, events: slice }])
    if (count === SNAPSHOT_EVERY)
      await store.saveSnapshot(conversation, 1, { seq: head + count, format: 1, json: '{}' })
  }
  const took: number[] = []
  for (let claim = 0; claim < CLAIMS; claim++) {
    await store.beat(self, FACTS)
    const startMs = clock.monotonicMs()
    const [outcome] = await store.claim([{ conversation }], self)
    took.push(clock.monotonicMs() - startMs)
    assert(outcome?.kind === 'claimed', `an owner claims again, not ${outcome?.kind}`)
  }
  return took
}

function eventAt(seq: number): EventRecord {
  const at = clock.wallMs()
  const key = `key-${seq}`
  const json = JSON.stringify({ seq, at, type: 'message', from: 'visitor', key, body: { format: 'text', text: BODY } })
  return { seq, epoch: 1, at, audience: 'everyone', sender: 'visitor', key, digest: 'digest', json }
}

/** A thousand at once would wait for a connection longer than the store allows, on a busy machine. */
const OPENED_AT_ONCE = 50

async function openConversations(store: PostgresStore, self: Owner, count: number): Promise<readonly ConversationId[]> {
  await store.join(self, FACTS)
  const stopBeating: Cancel = every(clock, LEASE.beatMs, () => void store.beat(self, FACTS))
  try {
    const conversations = Array.from({ length: count }, () => random.id())
    for (let from = 0; from < count; from += OPENED_AT_ONCE) {
      const some = conversations.slice(from, from + OPENED_AT_ONCE)
      await Promise.all(some.map((conversation) => store.open(conversation, self)))
    }
    return conversations
  } finally {
    stopBeating()
  }
}

/** What `pgbench` does with one INSERT per transaction: so many connections, prepared, one row and one commit each. */
async function singleRows(
  postgres: EmbeddedPostgres,
  { singleRowClients: lanes, durationMs }: { singleRowClients: number; durationMs: number },
  undo: (() => Promise<unknown> | unknown)[],
): Promise<Contestant> {
  const clients = Array.from({ length: lanes }, () => new pg.Client({ connectionString: postgres.url }))
  for (const client of clients) {
    await client.connect()
    undo.push(() => client.end())
  }
  await clients[0]?.query(
    'CREATE TABLE single_row (id bigserial PRIMARY KEY, conversation bigint NOT NULL, sender text NOT NULL, body text NOT NULL)',
  )
  const text = 'INSERT INTO single_row (conversation, sender, body) VALUES ($1, $2, $3)'
  const write = async (lane: number) => {
    await clients[lane]?.query({ name: 'single', text, values: [lane, 'visitor', BODY] })
    return 1
  }
  return { name: SINGLE_ROW, measure: async () => (await closedLoop({ clock, lanes, durationMs, write })).perSecond }
}

async function versionOf(postgres: EmbeddedPostgres): Promise<string> {
  const client = new pg.Client({ connectionString: postgres.url })
  await client.connect()
  const { rows } = await client.query('SHOW server_version')
  await client.end()
  return `PostgreSQL ${rows[0]?.server_version}`
}
