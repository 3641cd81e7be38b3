import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { silentLog } from '../base/log.ts'
import type { DocumentStore } from './document-store.ts'
import { StoreUnavailable } from './log-store.ts'
import { MemoryStore } from './memory-store.ts'
import { RememberedDocuments } from './remembered-documents-node.ts'

function stage(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-test-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'documents.json')
  const memory = new MemoryStore({ now: () => 1 })
  const state = { away: false }
  const unless = <Answer>(answer: () => Promise<Answer>) =>
    state.away ? Promise.reject(new StoreUnavailable('away')) : answer()
  const store: DocumentStore = {
    document: (name) => unless(() => memory.document(name)),
    documents: (prefix) => unless(() => memory.documents(prefix)),
    putDocument: (name, body, expect) => unless(() => memory.putDocument(name, body, expect)),
  }
  return { file, state, memory, start: () => new RememberedDocuments(store, file, silentLog) }
}

test('[SE29] what a node read before is read again while the store is away, over a restart', async (context) => {
  const { state, memory, start } = stage(context)
  await memory.putDocument('authority', 'one', 0)
  const first = start()
  await first.document('authority')
  await memory.putDocument('authority', 'two', 1)
  await first.document('authority')
  await first.written()
  state.away = true
  const second = start()
  assert.deepEqual(await second.document('authority'), { name: 'authority', version: 2, body: 'two' })
  assert.deepEqual([second.knows('authority'), second.knows('keys')], [true, false])
})

test('[SE29] what a node never read is not made up, and nothing is written while the store is away', async (context) => {
  const { state, start } = stage(context)
  state.away = true
  const documents = start()
  await assert.rejects(documents.document('authority'), StoreUnavailable)
  await assert.rejects(documents.putDocument('authority', 'mine', 0), StoreUnavailable)
  assert.ok(!documents.knows('authority'))
})

test('[SE29] a document that is gone from the store is gone, and a broken file is no file', async (context) => {
  const { file, state, start } = stage(context)
  const stale = [{ name: 'authority', version: 1, body: 'of another cluster' }]
  writeFileSync(file, JSON.stringify(stale))
  const documents = start()
  assert.equal(await documents.document('authority'), undefined)
  state.away = true
  await assert.rejects(documents.document('authority'), StoreUnavailable)
  await documents.written()
  writeFileSync(file, '[{"name":"authority"')
  assert.ok(!start().knows('authority'))
})
