import assert from 'node:assert/strict'
import test from 'node:test'
import pg from 'pg'
import { bitsFromId, type ConversationId, idFromBits, type Owner } from '../base/ids.ts'
import { silentLog } from '../base/log.ts'
import { realClock } from '../base/real-clock-node.ts'
import { lookAtDatabase } from './database-look.ts'
import { judgeSettings, requireSafeDatabase } from './database-safety.ts'
import { IndefiniteOutcome, type Slice, StoreUnavailable } from './log-store.ts'
import { testLogStore } from './log-store-contract.ts'
import { CHAT_FACTS } from './member-facts-stage.ts'
import { migrate, ownMigrations } from './migrations.ts'
import { PostgresStage } from './postgres-stage.ts'

const postgres = new PostgresStage()

const a: Owner = { node: 'a', incarnation: idFromBits(11n) }
const b: Owner = { node: 'b', incarnation: idFromBits(12n) }
const conversation = idFromBits(13n)

async function stage() {
  const url = await postgres.databases.create()
  const store = postgres.open(url)
  await store.join(a, CHAT_FACTS)
  await store.join(b, CHAT_FACTS)
  return { url, store }
}

const append = (epoch: number, expectSeq: number, count = 1): Slice => ({
  conversation,
  epoch,
  expectSeq,
  events: Array.from({ length: count }, (_, i) => ({
    seq: expectSeq + i + 1,
    epoch,
    at: 1,
    audience: 'everyone',
    sender: 'v',
    key: `k${expectSeq + i + 1}`,
    digest: '',
    json: '{}',
  })),
})

async function session(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  return client
}

testLogStore('postgres', async () => {
  const url = await postgres.databases.create()
  // Nobody waits for the server's clock: everything that happened before is moved into the past instead.
  const pass = async (ms: number) => {
    const admin = await session(url)
    await admin.query(
      `UPDATE holdfast.member SET beat_at = beat_at - ${ms}, steady_since = steady_since - ${ms}, tombstoned_at = tombstoned_at - ${ms}`,
    )
    await admin.query(`UPDATE holdfast.head SET wake_at = wake_at - ${ms}, changed_at = changed_at - ${ms}`)
    await admin.end()
  }
  const damage = async (id: ConversationId) => {
    const admin = await session(url)
    const { rows } = await admin.query(
      `DELETE FROM holdfast.event e USING holdfast.head h
        WHERE h.conversation = $1 AND e.conversation = h.conversation AND e.seq = h.seq RETURNING e.*`,
      [bitsFromId(id).toString()],
    )
    return async () => {
      const row = JSON.stringify(rows[0])
      await admin.query('INSERT INTO holdfast.event SELECT * FROM json_populate_record(NULL::holdfast.event, $1)', [
        row,
      ])
      await admin.end()
    }
  }
  return { store: postgres.open(url), pass, damage }
})

test('[SE3] a claim that waits beside a committing append brings the event that it waited for', async () => {
  const { url, store } = await stage()
  await store.open(conversation, a)
  await store.append([append(1, 0)])
  await store.tombstone(a.incarnation, 'silent')
  // An append of the old owner that has taken the head and has not committed yet.
  const late = await session(url)
  await late.query('BEGIN')
  await late.query('UPDATE holdfast.head SET seq = 2 WHERE conversation = 13')
  await late.query("INSERT INTO holdfast.event VALUES (13, 2, 1, 1, 'everyone', 'v', 'k2', '', '{}')")
  const claiming = store.claim([{ conversation }], b)
  await blockedBy(url)
  await late.query('COMMIT')
  const [claimed] = await claiming
  await late.end()
  assert.ok(claimed?.kind === 'claimed')
  assert.deepEqual(
    claimed.tail.map(({ seq }) => seq),
    [1, 2],
  )
})

/** Waits until some session of the database waits for a lock of another one. */
async function blockedBy(url: string): Promise<void> {
  const watcher = await session(url)
  let blocked = false
  for (let tried = 0; tried < 1000 && !blocked; tried++) {
    const { rowCount } = await watcher.query(
      'SELECT pg_sleep(0.01) FROM pg_stat_activity WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0 LIMIT 1',
    )
    blocked = (rowCount ?? 0) > 0
    if (!blocked) await watcher.query('SELECT pg_sleep(0.01)')
  }
  await watcher.end()
  assert.ok(blocked, 'a session came to wait for another one')
}

test('[SE2] a statement that was late behind a claim is fenced, however long it was on its way', async () => {
  const { url, store } = await stage()
  await store.open(conversation, a)
  const holder = await session(url)
  await holder.query('BEGIN')
  await holder.query('SELECT FROM holdfast.head WHERE conversation = 13 FOR UPDATE')
  const late = store.append([append(1, 0)])
  await blockedBy(url)
  await holder.query('UPDATE holdfast.head SET epoch = 2 WHERE conversation = 13')
  await holder.query('COMMIT')
  await holder.end()
  assert.deepEqual(
    (await late).map(({ kind }) => kind),
    ['fenced'],
  )
  assert.equal((await store.read(conversation, 0, 10))?.records.length, 0)
})

test('[SE14] a session that is ended while its statement runs leaves an unknown outcome, and a claim tells the truth', async () => {
  const { url, store } = await stage()
  await store.open(conversation, a)
  const holder = await session(url)
  await holder.query('BEGIN')
  await holder.query('SELECT FROM holdfast.head WHERE conversation = 13 FOR UPDATE')
  const appending = assert.rejects(store.append([append(1, 0)]), IndefiniteOutcome)
  await blockedBy(url)
  await holder.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND cardinality(pg_blocking_pids(pid)) > 0',
  )
  await appending
  await holder.query('COMMIT')
  await holder.end()
  const [claimed] = await store.claim([{ conversation, expect: { epoch: 1, incarnation: a.incarnation } }], a)
  assert.equal(claimed?.kind === 'claimed' && claimed.seq, 0)
  assert.deepEqual(await store.append([append(2, 0)]), [{ kind: 'ok', seq: 1 }])
})

test('[SE14] appends over the same heads in any order never deadlock', async () => {
  const { store } = await stage()
  const ids = Array.from({ length: 40 }, (_, i) => idFromBits(BigInt(100 + i)))
  for (const id of ids) await store.open(id, a)
  const seqs = new Map(ids.map((id) => [id, 0]))
  for (let round = 0; round < 20; round++) {
    const order = round % 2 === 0 ? ids : [...ids].reverse()
    // The same heads twice at once: whoever is second finds another head, and both answer.
    const batch = order.map((id) => ({ ...append(1, seqs.get(id) ?? 0), conversation: id }))
    const outcomes = (await Promise.all([store.append(batch), store.append([...batch].reverse())])).flat()
    assert.ok(outcomes.every(({ kind }) => kind === 'ok' || kind === 'gap' || kind === 'duplicate'))
    for (const id of ids) seqs.set(id, (seqs.get(id) ?? 0) + 1)
  }
})

test('[SE15] a restart of PostgreSQL is survived: refused or unknown meanwhile, answered after it', async () => {
  const { store } = await stage()
  await store.open(conversation, a)
  const restarting = postgres.databases.server.restart()
  const outcome = await store.append([append(1, 0)]).then(
    ([each]) => each?.kind,
    (error: unknown) =>
      error instanceof StoreUnavailable || error instanceof IndefiniteOutcome ? 'away' : String(error),
  )
  assert.ok(outcome === 'ok' || outcome === 'away', outcome)
  await restarting
  assert.equal((await store.beat(a, CHAT_FACTS)).kind, 'renewed')
  assert.ok((await store.read(conversation, 0, 1)) !== undefined)
})

test('a server that nobody reaches is unavailable, for sure', async () => {
  const store = postgres.open('postgres://nobody:nothing@127.0.0.1:1/none')
  await assert.rejects(store.append([append(1, 0)]), StoreUnavailable)
  await assert.rejects(store.beat(a, CHAT_FACTS), StoreUnavailable)
})

test('of several hosts the one that takes writes is used', async () => {
  const url = new URL(await postgres.databases.create())
  const several = url.href.replace(url.host, `127.0.0.1:1,${url.host}`)
  const store = postgres.open(several)
  assert.equal((await store.join(a, CHAT_FACTS)).kind, 'joined')
  await assert.rejects(
    requireSafeDatabase(several, { acceptDataLoss: false, log: silentLog }),
    /synchronous_standby_names/,
  )
  await requireSafeDatabase(several, { acceptDataLoss: true, log: silentLog })
})

test('[SE16] settings that lose acknowledged messages are refused with a remedy', async () => {
  const url = await postgres.databases.create()
  await requireSafeDatabase(url, { acceptDataLoss: false, log: silentLog })
  const safe = new Map(
    Object.entries({
      server_version_num: '180004',
      server_version: '18.4',
      fsync: 'on',
      full_page_writes: 'on',
      synchronous_commit: 'on',
      server_encoding: 'UTF8',
    }),
  )
  const faults = (change: Record<string, string>, hosts = 1) =>
    judgeSettings(new Map([...safe, ...Object.entries(change)]), hosts, { acceptDataLoss: false }).flatMap(
      ({ ok, name }) => (ok ? [] : [name]),
    )
  assert.deepEqual(faults({}), [])
  for (const name of ['fsync', 'full_page_writes', 'synchronous_commit'])
    assert.deepEqual(faults({ [name]: 'off' }), [name])
  assert.deepEqual(faults({ server_version_num: '130000' }), ['version'])
  assert.deepEqual(faults({}, 2), ['synchronous_standby_names'])
  assert.deepEqual(faults({ synchronous_standby_names: 'FIRST 1 (two)' }, 2), [])
})

test('[SE16] a database that cannot hold all texts is refused', async () => {
  const admin = await session(postgres.databases.server.url)
  await admin.query("CREATE DATABASE narrow TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
  await admin.end()
  const url = new URL(postgres.databases.server.url)
  url.pathname = '/narrow'
  await assert.rejects(requireSafeDatabase(url.href, { acceptDataLoss: false, log: silentLog }), /encoding is LATIN1/)
})

test('[SE17] migrating twice changes nothing, and a newer schema that only adds is accepted', async () => {
  const url = await postgres.databases.create()
  const admin = await session(url)
  await admin.query("INSERT INTO holdfast.migration (number, name, kind) VALUES (999, 'from-the-future', 'expand')")
  await migrate(url, silentLog)
  const { rows } = await admin.query('SELECT count(*)::int AS applied FROM holdfast.migration')
  await admin.end()
  assert.equal(rows[0]?.applied, ownMigrations().length + 1)
})

test('[SE23] a migration that waits for a table lets everybody else go on with it, and takes its turn in the end', async () => {
  const { url, store } = await stage()
  await store.open(conversation, a)
  const reader = await session(url)
  await reader.query('BEGIN')
  await reader.query('SELECT FROM holdfast.head')
  const waits = Promise.withResolvers<void>()
  const log = { ...silentLog, info: (sentence: string) => sentence.includes('waits') && waits.resolve() }
  const added = {
    number: 900,
    name: 'wider',
    kind: 'expand',
    sql: 'ALTER TABLE holdfast.head ADD COLUMN wider int',
  } as const
  const migrated = migrate(url, log, [...ownMigrations(), added])
  await waits.promise
  assert.deepEqual(await store.append([append(1, 0)]), [{ kind: 'ok', seq: 1 }])
  await reader.query('COMMIT')
  await migrated
  const { rows } = await reader.query('SELECT wider FROM holdfast.head')
  await reader.end()
  assert.equal(rows.length, 1)
})

test('[SE17] a newer breaking schema and the database of another product are refused', async () => {
  const newer = await session(await postgres.databases.create())
  await newer.query("INSERT INTO holdfast.migration (number, name, kind) VALUES (999, 'new-shape', 'breaking')")
  const { database } = newer
  await newer.end()
  const url = new URL(postgres.databases.server.url)
  url.pathname = `/${database}`
  await assert.rejects(migrate(url.href, silentLog), /newer version of Holdfast.*new-shape/)

  const foreign = await postgres.databases.create('empty')
  const other = await session(foreign)
  await other.query('CREATE TABLE invoices (id int)')
  await other.end()
  await assert.rejects(migrate(foreign, silentLog), /tables of another product/)
})

test('a database is looked at with its clock, its round trip and its schema, by nodes that know it and by such that do not', async () => {
  const empty = await lookAtDatabase(await postgres.databases.create('empty'), realClock)
  assert.equal(empty.schema, undefined)
  const url = await postgres.databases.create()
  const known = ownMigrations().at(-1)?.number
  const { schema, clock, roundTripMs } = await lookAtDatabase(url, realClock)
  assert.deepEqual(schema, { knows: known, applied: known })
  // The same machine: what is measured is nothing but the uncertainty, and a clock that is read in milliseconds.
  assert.ok(Math.abs(clock.offsetMs) <= clock.uncertaintyMs + 1, JSON.stringify(clock))
  assert.ok(roundTripMs > 0 && roundTripMs <= 2 * clock.uncertaintyMs)
  const client = await session(url)
  await client.query("INSERT INTO holdfast.migration (number, name, kind) VALUES (999, 'new-shape', 'breaking')")
  await client.end()
  assert.deepEqual((await lookAtDatabase(url, realClock)).schema, { knows: known, applied: 999, breaking: 999 })
})
