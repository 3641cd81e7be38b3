import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import type { AuditRow, AuditStore } from '../store/audit-store.ts'
import { IndefiniteOutcome, StoreUnavailable } from '../store/log-store.ts'
import { MemoryAuditStore } from '../store/memory-audit-store.ts'
import { sha256 } from '../store/sha256-node.ts'
import { endChain, followChain, NO_RECORDS } from './audit-chain-decision.ts'
import type { AuditEntry } from './audit-entry.ts'
import { auditSpool } from './audit-spool-node.ts'
import { AuditTrail, type WaitingRecord } from './audit-trail.ts'

const ADA = { subject: 'ada', name: 'Ada', from: '10.0.0.1' }
const DISABLE = { act: 'node.disable', on: 'n1' } as const

function stage() {
  const clock = new ManualClock()
  const kept = new MemoryAuditStore({ now: () => 5, hash: sha256 })
  const faults: ('refused' | 'lost' | 'hangs')[] = []
  const store: AuditStore = {
    auditRows: (...range) => kept.auditRows(...range),
    auditHead: () => kept.auditHead(),
    async appendAudit(...record) {
      const fault = faults.shift()
      if (fault === 'refused') throw new StoreUnavailable('away')
      if (fault === 'hangs') return new Promise(() => {})
      const row = await kept.appendAudit(...record)
      if (fault === 'lost') throw new IndefiniteOutcome('the reply was lost')
      return row
    },
  }
  const waiting = new Map<string, WaitingRecord>()
  const spool = {
    put: async (record: WaitingRecord) => void waiting.set(record.id, record),
    drop: async (id: string) => void waiting.delete(id),
    all: async () => [...waiting.values()],
  }
  let made = 0
  const random = { fraction: () => 0, id: () => `key-${++made}` }
  const trail = () => new AuditTrail({ store, spool, clock, random, log: silentLog, node: 'e1' })
  const entries = async () => (await kept.auditRows(0, 100)).map(({ body }) => JSON.parse(body) as AuditEntry)
  return { clock, kept, faults, waiting, trail, entries }
}

const done = async () => ({ outcome: 'yes', happened: 'done' }) as const

test('[AU1] an act leaves one record: who, what, on what, before and after, from where, by which node', async () => {
  const { clock, trail, entries, waiting, kept } = stage()
  const reason = 'it smells'
  const before = { mode: 'enabled' }
  const outcome = await trail().act(ADA, { ...DISABLE, reason, before }, async () => {
    return { outcome: 7, happened: 'done', after: { mode: 'disabled' } }
  })
  assert.equal(outcome, 7)
  const after = { mode: 'disabled' }
  const common = { act: 'node.disable', on: 'n1', who: ADA, node: 'e1', nodeAt: clock.wallMs() }
  assert.deepEqual(await entries(), [{ ...common, happened: 'done', reason, before, after }])
  assert.equal((await kept.auditRows(0, 1))[0]?.at, 5, 'the time is that of the store')
  assert.equal(waiting.size, 0)
})

test('[AU1] what did not take place is not recorded, what may have is, and what was sent again is recorded once', async () => {
  const { trail, entries, waiting } = stage()
  const audit = trail()
  await audit.act(ADA, DISABLE, async () => ({ outcome: 'no', happened: 'nothing' }))
  await assert.rejects(audit.act(ADA, DISABLE, () => Promise.reject(new StoreUnavailable('away'))))
  assert.deepEqual(await entries(), [])
  await assert.rejects(
    audit.act(ADA, DISABLE, () => Promise.reject(new Error('who knows'))),
    /who knows/,
  )
  await audit.act(ADA, { ...DISABLE, key: 'mine' }, done)
  await audit.act(ADA, { ...DISABLE, key: 'mine' }, done)
  assert.deepEqual(
    (await entries()).map(({ happened }) => happened),
    ['unknown', 'done'],
  )
  assert.equal(waiting.size, 0)
})

test('[OP31] while the store is away records wait, acts do not, and each is recorded once when it is back', async () => {
  const { clock, trail, entries, waiting, faults } = stage()
  const audit = trail()
  audit.start()
  faults.push('refused', 'lost', 'hangs')
  await audit.act(ADA, { ...DISABLE, on: 'n1' }, done)
  await audit.act(ADA, { ...DISABLE, on: 'n2' }, done)
  const slow = audit.act(ADA, { ...DISABLE, on: 'n3' }, done)
  await clock.advance(2000)
  assert.equal(await slow, 'yes')
  assert.equal(waiting.size, 3)
  await clock.advance(5000)
  audit.stop()
  assert.deepEqual((await entries()).map(({ on }) => on).sort(), ['n1', 'n2', 'n3'])
  assert.equal(waiting.size, 0)
  assert.equal(clock.pending, 0)
})

test('[OP31] an act that is sent again and then changes nothing leaves the record that waits', async () => {
  const { clock, trail, entries, faults } = stage()
  const audit = trail()
  audit.start()
  faults.push('refused')
  await audit.act(ADA, { ...DISABLE, key: 'mine' }, done)
  await audit.act(ADA, { ...DISABLE, key: 'mine' }, async () => ({ outcome: 'no', happened: 'nothing' }))
  await clock.advance(5000)
  audit.stop()
  assert.equal((await entries()).length, 1)
})

test('[OP31] a node that dies in the middle of an act records at its next start that it may have happened', async () => {
  const { clock, trail, entries, waiting } = stage()
  void trail().act(ADA, { act: 'node.kill', on: 'e1' }, () => new Promise<never>(() => {}))
  await clock.advance(1)
  assert.deepEqual(await entries(), [])
  const next = trail()
  next.start()
  await clock.advance(1)
  next.stop()
  assert.deepEqual(
    (await entries()).map(({ act, happened }) => [act, happened]),
    [['node.kill', 'unknown']],
  )
  assert.equal(waiting.size, 0)
})

test('[OP31] what waits lies in files that a restart finds', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-audit-'))
  try {
    const spool = auditSpool(join(folder, 'audit'), silentLog)
    assert.deepEqual(await spool.all(), [])
    await spool.put({ id: 'a', key: 'config.change:../a b', body: '{"first":1}' })
    await spool.put({ id: 'a', key: 'config.change:../a b', body: '{"second":2}' })
    await spool.put({ id: 'b', key: 'b', body: '{}' })
    await spool.drop('b')
    const found = await auditSpool(join(folder, 'audit'), silentLog).all()
    assert.deepEqual(found, [{ id: 'a', key: 'config.change:../a b', body: '{"second":2}' }])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('[OP32] no secret reaches a record, wherever it stands and however deep', async () => {
  const { trail, entries } = stage()
  const deep = { a: { b: { c: { d: { e: { password: 'geheim', url: 'smtp://me:geheim@host' } } } } } }
  await trail().act(ADA, { ...DISABLE, before: deep, after: [deep], reason: 'Bearer geheim' }, done)
  const [entry] = await entries()
  assert.ok(!JSON.stringify(entry).includes('geheim'))
  assert.deepEqual(entry?.before, { a: { b: { c: { d: { e: { password: '***', url: 'smtp://me:***@host' } } } } } })
})

test('[OP33] a chain that was changed, shortened or has a hole is found, and where', async () => {
  const store = new MemoryAuditStore({ now: () => 5, hash: sha256 })
  for (let index = 1; index <= 5; index++) await store.appendAudit(`k${index}`, `{"i":${index}}`)
  const [rows, head] = [await store.auditRows(0, 10), await store.auditHead()]
  const check = (changed: readonly AuditRow[]) => {
    const followed = followChain(NO_RECORDS, changed, sha256)
    return followed.kind === 'sound' ? endChain(followed.head, head) : followed
  }
  assert.deepEqual(check(rows), { kind: 'sound', head })
  const half = followChain(NO_RECORDS, rows.slice(0, 2), sha256)
  assert.ok(half.kind === 'sound')
  assert.deepEqual(followChain(half.head, rows.slice(2), sha256), { kind: 'sound', head })
  const changedAt = (n: number, change: Partial<AuditRow>) =>
    rows.map((row) => (row.n === n ? { ...row, ...change } : row))
  const table: readonly (readonly [readonly AuditRow[], number])[] = [
    [changedAt(3, { body: '{}' }), 3],
    [changedAt(3, { at: 6 }), 3],
    [changedAt(1, { key: 'other' }), 1],
    [rows.filter(({ n }) => n !== 2), 2],
    [rows.slice(0, 4), 5],
    [rows.slice(1), 1],
  ]
  for (const [changed, n] of table) {
    const verdict = check(changed)
    assert.ok(verdict.kind === 'broken')
    assert.equal(verdict.n, n, verdict.sentence)
  }
  const forged = changedAt(5, { body: '{}' }).map((row) =>
    row.n === 5 ? { ...row, hash: sha256([rows[3]?.hash, 5, 5, 'k5', '{}'].join('\n')) } : row,
  )
  assert.equal(check(forged).kind, 'broken', 'a chain that was made anew ends otherwise')
})
