import assert from 'node:assert/strict'
import test from 'node:test'
import type { ConfigChange, ConfigEdit, ConfigStore } from './config-store.ts'

let made = 0
function change(edits: readonly ConfigEdit[], more: Partial<ConfigChange> = {}): ConfigChange {
  made += 1
  return { key: `key-${made}`, author: 'ada', reason: 'because', edits, ...more }
}

/** What every store of configuration must do. `stage` makes a fresh one. */
export function testConfigStore(kind: string, stage: () => Promise<ConfigStore>): void {
  test(`${kind}: [SE24] several documents are changed together, and the revision rises by one`, async () => {
    const store = await stage()
    assert.deepEqual(await store.configuration(), { revision: 0, documents: [] })
    const edits = [
      { name: 'queue/sales', expect: 0, body: '{"title":"Sales"}' },
      { name: 'branding', expect: 0, body: '{}' },
    ]
    assert.deepEqual(await store.changeConfiguration(change(edits)), { kind: 'stored', revision: 1 })
    const next = change([{ name: 'queue/sales', expect: 1, body: '{"title":"Verkauf ✓"}' }])
    assert.deepEqual(await store.changeConfiguration(next), { kind: 'stored', revision: 2 })
    assert.equal(await store.configRevision(), 2)
    assert.deepEqual(await store.configuration(), {
      revision: 2,
      documents: [
        { name: 'branding', revision: 1, body: '{}' },
        { name: 'queue/sales', revision: 2, body: '{"title":"Verkauf ✓"}' },
      ],
    })
  })

  test(`${kind}: [SE24] one stale edit refuses the whole change, and says what is there`, async () => {
    const store = await stage()
    await store.changeConfiguration(change([{ name: 'branding', expect: 0, body: 'a' }]))
    const outcome = await store.changeConfiguration(
      change([
        { name: 'branding', expect: 0, body: 'b' },
        { name: 'queue/sales', expect: 0, body: 'c' },
        { name: 'queue/gone', expect: 1, body: 'd' },
      ]),
    )
    assert.ok(outcome.kind === 'conflict')
    assert.deepEqual(
      outcome.found.toSorted((one, other) => (one.name < other.name ? -1 : 1)),
      [{ name: 'branding', document: { name: 'branding', revision: 1, body: 'a' } }, { name: 'queue/gone' }],
    )
    assert.deepEqual((await store.configuration()).documents, [{ name: 'branding', revision: 1, body: 'a' }])
  })

  test(`${kind}: [SE24] a document that was removed and made again is another one`, async () => {
    const store = await stage()
    await store.changeConfiguration(change([{ name: 'branding', expect: 0, body: 'a' }]))
    await store.changeConfiguration(change([{ name: 'branding', expect: 1, body: null }]))
    await store.changeConfiguration(change([{ name: 'branding', expect: 0, body: 'a' }]))
    const stale = await store.changeConfiguration(change([{ name: 'branding', expect: 1, body: 'b' }]))
    assert.equal(stale.kind, 'conflict')
  })

  test(`${kind}: [SE25] a change that is sent again by its key takes place once`, async () => {
    const store = await stage()
    const once = change([{ name: 'branding', expect: 0, body: 'a' }])
    assert.deepEqual(await store.changeConfiguration(once), { kind: 'stored', revision: 1 })
    await store.changeConfiguration(change([{ name: 'branding', expect: 1, body: 'b' }]))
    assert.deepEqual(await store.changeConfiguration(once), { kind: 'stored', revision: 1 })
    assert.equal(await store.configRevision(), 2)
  })

  test(`${kind}: [SE24] of many who edit the same document at once one wins, and no revision is left out`, async () => {
    const store = await stage()
    const edits = Array.from({ length: 20 }, (_, index) => ({ name: 'branding', expect: 0, body: String(index) }))
    const outcomes = await Promise.all(edits.map((edit) => store.changeConfiguration(change([edit]))))
    assert.equal(outcomes.filter(({ kind }) => kind === 'stored').length, 1)
    const others = Array.from({ length: 20 }, (_, index) => ({ name: `queue/q${index}`, expect: 0, body: '{}' }))
    const stored = await Promise.all(others.map((edit) => store.changeConfiguration(change([edit]))))
    const revisions = stored.map((outcome) => (outcome.kind === 'stored' ? outcome.revision : 0))
    assert.deepEqual(
      revisions.toSorted((one, other) => one - other),
      Array.from({ length: 20 }, (_, index) => index + 2),
    )
  })

  test(`${kind}: [SE26] every change is remembered with its author, its reason, and what was before`, async () => {
    const store = await stage()
    await store.changeConfiguration(change([{ name: 'branding', expect: 0, body: 'a' }], { author: 'eve' }))
    await store.changeConfiguration(change([{ name: 'queue/sales', expect: 0, body: 'b' }]))
    await store.changeConfiguration(change([{ name: 'branding', expect: 1, body: null }], { reason: 'ugly' }))
    const records = await store.configRecords({ limit: 10, name: 'branding' })
    assert.deepEqual(
      records.map(({ revision, author, reason, edits }) => ({ revision, author, reason, edits })),
      [
        { revision: 3, author: 'ada', reason: 'ugly', edits: [{ name: 'branding', before: 'a', after: null }] },
        { revision: 1, author: 'eve', reason: 'because', edits: [{ name: 'branding', before: null, after: 'a' }] },
      ],
    )
    const page = await store.configRecords({ limit: 1, before: 3 })
    assert.deepEqual(
      page.map(({ revision }) => revision),
      [2],
    )
  })
}
