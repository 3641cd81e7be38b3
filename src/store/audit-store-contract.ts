import assert from 'node:assert/strict'
import test from 'node:test'
import { type AuditRow, type AuditStore, auditHashText } from './audit-store.ts'
import { sha256 } from './sha256-node.ts'

function assertChained(rows: readonly AuditRow[]): void {
  for (const [index, row] of rows.entries()) {
    assert.equal(row.n, index + 1, 'no number is left out')
    assert.equal(row.hash, sha256(auditHashText(rows[index - 1]?.hash ?? '', row)))
  }
}

/** What every store of the audit trail must do. `stage` makes a fresh one. */
export function testAuditStore(kind: string, stage: () => Promise<AuditStore>): void {
  test(`${kind}: [SE27] each record has its number, and its hash covers the record before it`, async () => {
    const store = await stage()
    assert.deepEqual(await store.auditHead(), { n: 0, hash: '' })
    assert.deepEqual(await store.auditRows(0, 10), [])
    const first = await store.appendAudit('a', '{"who":"Ada ✓ \\u0000"}')
    const second = await store.appendAudit('b', '{"who":"Eve\\nand others"}')
    assert.deepEqual(await store.auditRows(0, 10), [first, second])
    assert.deepEqual(await store.auditRows(1, 10), [second])
    assert.deepEqual(await store.auditRows(0, 1), [first])
    assert.equal(second.body, '{"who":"Eve\\nand others"}')
    assertChained([first, second])
    assert.deepEqual(await store.auditHead(), { n: 2, hash: second.hash })
  })

  test(`${kind}: [SE27] those who append at the same time make one chain`, async () => {
    const store = await stage()
    await Promise.all(Array.from({ length: 25 }, (_, index) => store.appendAudit(`k${index}`, `{"i":${index}}`)))
    const rows = await store.auditRows(0, 100)
    assert.equal(rows.length, 25)
    assertChained(rows)
  })

  test(`${kind}: [SE28] a record that is sent again by its key is kept once`, async () => {
    const store = await stage()
    const once = await store.appendAudit('a', '{}')
    await store.appendAudit('b', '{}')
    assert.deepEqual(await store.appendAudit('a', '{"other":true}'), once)
    assert.equal((await store.auditHead()).n, 2)
  })
}
