import assert from 'node:assert/strict'
import test from 'node:test'
import { faultAt, faultsOf, nearestControl } from './fault-facts.ts'
import { formOf } from './form-fields.ts'
import { baseOf, isDirty, isStale, rebased, saidBy, switched, type Writing, writingOf } from './writing-facts.ts'

const fields = formOf({
  type: 'object',
  required: ['title'],
  properties: {
    title: { type: 'string', description: 'The name.' },
    priority: { type: 'integer', description: 'The order.', default: 100 },
  },
})
const row = (revision: number, value: object, text = JSON.stringify(value)) => ({
  ...{ name: 'queue/sales', revision, value, text },
})
const base = baseOf(row(3, { title: 'Sales', priority: 5 }))

test('[WE50] what a form cannot show is written as text, and says the same', () => {
  assert.equal(writingOf(fields, base).mode, 'form')
  const strange = baseOf(row(3, { title: 'Sales', colour: 'red' }, 'title: Sales\ncolour: red\n'))
  assert.deepEqual(writingOf(fields, strange), { mode: 'text', text: 'title: Sales\ncolour: red\n' })
  assert.deepEqual(saidBy(fields, writingOf(fields, strange)).value, strange.value)
})

test('a document is written anew only where it says something else', () => {
  const dirty = (writing: Writing) => isDirty(saidBy(fields, writing), base)
  assert.equal(dirty(writingOf(fields, base)), false)
  assert.equal(dirty({ mode: 'text', text: 'priority: 5\n# a word\ntitle: Sales' }), false)
  assert.equal(dirty({ mode: 'text', text: 'title: Verkauf' }), true)
  assert.equal(dirty({ mode: 'text', text: 'title: "Sal' }), true)
})

test('form and text change into each other, and what cannot be read stays as it is', () => {
  const form = writingOf(fields, base)
  const text = switched(fields, form)
  assert.deepEqual(text, { mode: 'text', text: 'priority: 5\ntitle: Sales\n' })
  assert.deepEqual(text.mode === 'text' && switched(fields, text), form)
  for (const [written, line] of [
    ['title: "Sales', 1],
    ['title: a\ntitle: b\n', 2],
    ['- a\n', 1],
    ['just words', 1],
  ] as const) {
    const next = switched(fields, { mode: 'text', text: written })
    assert.equal(next.mode === 'neither' && next.fault.line, line, written)
  }
  assert.equal(switched(fields, { mode: 'text', text: 'colour: red' }).mode, 'neither')
  assert.deepEqual(switched(fields, { mode: 'text', text: '' }), { mode: 'form', draft: { fields: {} } })
})

test('[WE52] an edit is stale when its document was written or removed since, and not for another document', () => {
  assert.equal(isStale(base, row(3, {}), 9), false)
  assert.equal(isStale(base, row(4, {}), 9), true)
  // The page may know of a revision that it stored itself before it sees it.
  assert.equal(isStale(base, row(2, {}), 2), false)
  assert.equal(isStale(base, undefined, 4), true)
  assert.equal(isStale(base, undefined, 3), false)
  assert.equal(isStale(baseOf(undefined), undefined, 9), false)
  assert.equal(isStale(baseOf(undefined), row(9, {}), 9), true)
})

test('[WE52] what I wrote goes on top of what is there, or is all there is where theirs is gone', () => {
  const mine = saidBy(fields, { mode: 'text', text: 'title: Vente\npriority: 5\n' })
  const again = (there: ReturnType<typeof row> | undefined) => {
    const next = rebased(fields, base, mine, there)
    return next && [next.base.revision, saidBy(fields, next.writing).value]
  }
  assert.deepEqual(again(row(7, { title: 'Sales', priority: 9 })), [7, { title: 'Vente', priority: 9 }])
  assert.deepEqual(again(undefined), [0, { title: 'Vente', priority: 5 }])
  const halfWritten = saidBy(fields, { mode: 'text', text: 'title: [Vente\n' })
  assert.equal(rebased(fields, base, halfWritten, row(7, { title: 'Sales' })), undefined, 'it is not read as nothing')
})

test('faults belong to their field, to their line, or to another document', () => {
  const fault = (document: string, field: string, line?: number) => ({
    ...{ document, field, sentence: 'Wrong.' },
    ...(line !== undefined && { line }),
  })
  const faults = faultsOf([fault('queue/sales', 'title', 2), fault('web-client/shop', 'queue', 4)], 'queue/sales')
  assert.deepEqual(faults, [
    { field: 'title', sentence: 'Wrong.', line: 2 },
    { field: 'queue', sentence: 'Wrong.', document: 'web-client/shop' },
  ])
  assert.equal(faultAt(faults, 'title'), 'Wrong.')
  assert.equal(faultAt(faults, 'queue'), undefined)
  const controls = new Set(['hours', 'hours.0'])
  assert.equal(
    nearestControl('hours.0.from', (field) => controls.has(field)),
    'hours.0',
  )
  assert.equal(
    nearestControl('unknown', (field) => controls.has(field)),
    undefined,
  )
})
