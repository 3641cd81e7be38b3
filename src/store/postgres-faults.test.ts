import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import test from 'node:test'
import pg from 'pg'
import { type ConversationId, idFromBits, type Owner } from '../base/ids.ts'
import { silentLog } from '../base/log.ts'
import { memoryMetrics } from '../base/metrics.ts'
import { realClock } from '../base/real-clock-node.ts'
import { FencedLog } from './fenced-log.ts'
import { IndefiniteOutcome, type Slice } from './log-store.ts'
import { CHAT_FACTS } from './member-facts-stage.ts'
import { PostgresStage } from './postgres-stage.ts'
import { PostgresStore } from './postgres-store.ts'
import { ServerHistory } from './server-history.ts'

const OWNER: Owner = { node: 'a', incarnation: idFromBits(11n) }

const postgres = new PostgresStage()

/** Where a connection is cut: before the server hears of the statement, or after it committed and answered. */
type Cut = 'request' | 'reply'

/** Passes bytes to PostgreSQL and back, until it is told to break the connection of the next append. */
class CuttingProxy {
  readonly #server: Server
  readonly #target: URL
  readonly #sockets = new Set<Socket>()
  #cut: Cut | undefined

  private constructor(target: URL) {
    this.#target = target
    this.#server = createServer((client) => this.#pass(client))
  }

  static async before(url: string): Promise<{ proxy: CuttingProxy; url: string }> {
    const proxy = new CuttingProxy(new URL(url))
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    const through = new URL(url)
    through.port = String((proxy.#server.address() as AddressInfo).port)
    return { proxy, url: through.href }
  }

  cutNextAppend(cut: Cut): void {
    this.#cut = cut
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  #pass(client: Socket): void {
    const server = connect(Number(this.#target.port), this.#target.hostname)
    const end = () => {
      client.destroy()
      server.destroy()
    }
    for (const socket of [client, server]) {
      this.#sockets.add(socket)
      socket.on('error', end).on('close', end)
    }
    let doomed = false
    client.on('data', (bytes) => {
      const cut = bytes.includes('INSERT INTO holdfast.event') ? this.#cut : undefined
      if (cut) this.#cut = undefined
      if (cut === 'request') return end()
      if (cut === 'reply') doomed = true
      server.write(bytes)
    })
    server.on('data', (bytes) => {
      if (!doomed) client.write(bytes)
      // `ReadyForQuery` with `I`: committed, and about to say so.
      else if (bytes.subarray(-6).equals(Buffer.from([0x5a, 0, 0, 0, 5, 0x49]))) end()
    })
  }
}

async function stage(run: (store: PostgresStore, proxy: CuttingProxy, direct: pg.Client) => Promise<void>) {
  const url = await postgres.databases.create()
  const through = await CuttingProxy.before(url)
  const store = new PostgresStore({ url: through.url, log: silentLog, applicationName: 'test' })
  const direct = new pg.Client({ connectionString: url })
  try {
    await direct.connect()
    await store.join(OWNER, CHAT_FACTS)
    await run(store, through.proxy, direct)
  } finally {
    await direct.end()
    await store.close()
    through.proxy.close()
  }
}

function slice(conversation: ConversationId, expectSeq: number, more: Partial<Slice> = {}): Slice {
  const seq = expectSeq + 1
  const event = {
    seq,
    epoch: 1,
    at: 1,
    audience: 'everyone',
    sender: 'v',
    key: `k${seq}`,
    digest: '',
    json: '{}',
  } as const
  return { conversation, epoch: 1, expectSeq, events: [event], ...more }
}

const ids = Array.from({ length: 4 }, (_, i) => idFromBits(BigInt(20 + i)))
const [one = '', two = ''] = ids

for (const [cut, stored] of [
  ['request', 0],
  ['reply', 1],
] as const)
  test(`[SE14] [LO2] a connection that breaks at the ${cut} of an append leaves ${stored} events, and the claim says so`, async () => {
    await stage(async (store, proxy) => {
      await store.open(one, OWNER)
      const log = new FencedLog({
        store,
        clock: realClock,
        log: silentLog,
        metrics: memoryMetrics(),
        self: () => OWNER,
        policy: { resendAttempts: 0, resendDelayMs: 1 },
      })
      proxy.cutNextAppend(cut)
      const outcome = await log.append(slice(one, 0))
      assert.ok(outcome.kind === 'resolved', outcome.kind)
      assert.deepEqual([outcome.claimed.epoch, outcome.claimed.seq, outcome.claimed.tail.length], [2, stored, stored])
    })
  })

test('[SE14] once a part of a batch took place, a failure of the rest is indefinite', async () => {
  await stage(async (store, _, direct) => {
    for (const id of ids) await store.open(id, OWNER)
    await direct.query(`
      CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NOT EXISTS (SELECT FROM holdfast.event WHERE xmin <> pg_current_xact_id()::xid) THEN RAISE 'poison' USING ERRCODE = '22000'; END IF;
        RAISE 'disk full' USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER poison BEFORE INSERT ON holdfast.event FOR EACH ROW WHEN (NEW.conversation = 23) EXECUTE FUNCTION poison()`)
    await assert.rejects(store.append(ids.map((id) => slice(id, 0))), IndefiniteOutcome)
    assert.equal((await store.read(one, 0, 9))?.records.length, 1)
  })
})

test('[SE9] of two slices of one batch that want the same guard, one gets it', async () => {
  await stage(async (store) => {
    await store.open(one, OWNER)
    await store.open(two, OWNER)
    const take = (expect: string | null, set: string) => ({ guards: [{ name: 'slot', expect, set }] })
    const created = await store.append([slice(one, 0, take(null, 'a')), slice(two, 0, take(null, 'b'))])
    assert.deepEqual(created, [
      { kind: 'ok', seq: 1 },
      { kind: 'guard-failed', name: 'slot', found: 'a' },
    ])
    const changed = await store.append([slice(one, 1, take('a', 'c')), slice(two, 0, take('a', 'd'))])
    assert.deepEqual(changed, [
      { kind: 'ok', seq: 2 },
      { kind: 'guard-failed', name: 'slot', found: 'c' },
    ])
  })
})

test('[SE9] a guard that another statement creates at the same moment is lost to it, not unstorable', async () => {
  await stage(async (store, _, direct) => {
    await store.open(one, OWNER)
    await direct.query('BEGIN')
    await direct.query("INSERT INTO holdfast.guard VALUES ('slot', 'theirs')")
    const appending = store.append([slice(one, 0, { guards: [{ name: 'slot', expect: null, set: 'ours' }] })])
    await someoneWaits(direct)
    await direct.query('COMMIT')
    assert.deepEqual(await appending, [{ kind: 'guard-failed', name: 'slot', found: 'theirs' }])
  })
})

async function someoneWaits(direct: pg.Client): Promise<void> {
  for (let tried = 0; tried < 1000; tried++) {
    const { rows } = await direct.query(
      'SELECT FROM pg_stat_activity WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0',
    )
    if (rows.length > 0) return
  }
}

test('[SE2] an append that waited for another change of its head still moves it', async () => {
  await stage(async (store, _, direct) => {
    await store.open(one, OWNER)
    await direct.query('BEGIN')
    await direct.query('UPDATE holdfast.head SET offered_to = 99 WHERE conversation = 20')
    const appending = store.append([slice(one, 0)])
    await someoneWaits(direct)
    await direct.query('COMMIT')
    assert.deepEqual(await appending, [{ kind: 'ok', seq: 1 }])
    const page = await store.read(one, 0, 9)
    assert.deepEqual([page?.headSeq, page?.records.length], [1, 1])
  })
})

test('[SE15] a plan that a migration made stale costs one call, not the connection for ever', async () => {
  await stage(async (store, _, direct) => {
    await store.open(one, OWNER)
    await store.putDocument('key', 'body', 0)
    for (let i = 0; i < 3; i++) await store.document('key')
    await direct.query('ALTER TABLE holdfast.document ADD COLUMN note text')
    for (let i = 0; i < 3; i++) await store.document('key').catch(() => undefined)
    assert.equal((await store.document('key'))?.body, 'body')
  })
})

test('[SE19] a server behind the one that was used before is refused', () => {
  const history = new ServerHistory()
  assert.equal(history.objection({ system: '7', timeline: 2 }), undefined)
  assert.equal(history.objection({ system: '7', timeline: 3 }), undefined)
  assert.match(history.objection({ system: '7', timeline: 2 }) ?? '', /old primary/)
  assert.match(history.objection({ system: '8', timeline: 9 }) ?? '', /another database cluster/)
  assert.equal(history.objection({ system: '7', timeline: 3 }), undefined)
})
