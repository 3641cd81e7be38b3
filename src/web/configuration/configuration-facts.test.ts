import assert from 'node:assert/strict'
import test from 'node:test'
import { documentsOf, type KindRow, ownNameFault, placeOf, runFacts, titleOf } from './configuration-facts.ts'

const kind = (name: string, many: boolean): KindRow => ({ kind: name, title: name, about: '', many, schema: {} })
const QUEUE = kind('queue', true)
const BRANDING = kind('branding', false)
const KINDS = [BRANDING, QUEUE]
const pathOf = (text: string) => (text === '' ? [] : text.split('/'))

test('an address below the page means one place, whatever documents are called', () => {
  const table = [
    ['', { kind: 'overview' }],
    ['history', { kind: 'history' }],
    ['branding', { kind: 'document', of: BRANDING, name: 'branding' }],
    ['branding/history', { kind: 'history', of: BRANDING, name: 'branding' }],
    ['queue', { kind: 'new', of: QUEUE }],
    ['queue/sales', { kind: 'document', of: QUEUE, name: 'queue/sales' }],
    ['queue/history', { kind: 'document', of: QUEUE, name: 'queue/history' }],
    ['queue/sales/history', { kind: 'history', of: QUEUE, name: 'queue/sales' }],
    ['queue/sales/elsewhere', { kind: 'nowhere', path: 'queue/sales/elsewhere' }],
    ['nothing', { kind: 'nowhere', path: 'nothing' }],
  ] as const
  for (const [path, place] of table) assert.deepEqual(placeOf(pathOf(path), KINDS), place, path)
})

test('documents belong to their kind and are called by their title, else by their name', () => {
  const row = (name: string, value: unknown) => ({ name, revision: 1, text: '', value })
  const documents = [row('queue-of', {}), row('queue/sales', { title: 'Sales' }), row('queue/x', { title: '' })]
  const found = documentsOf(QUEUE, { documents } as never)
  assert.deepEqual(
    found.map((each) => [each.name, titleOf(each)]),
    [
      ['queue/sales', 'Sales'],
      ['queue/x', 'x'],
    ],
  )
  assert.equal(titleOf(row('email-template/alarm', { subject: 'Alarm' })), 'Alarm')
  assert.equal(titleOf(row('branding', null)), 'branding')
})

test('a new document needs a name that is free and well formed', () => {
  assert.equal(ownNameFault('sales-2', ['sales']), undefined)
  for (const wrong of ['', 'Sales', '-x', 'a/b', 'a b', 'x'.repeat(64), 'sales'])
    assert.ok(ownNameFault(wrong, ['sales']))
})

test('[WE54] nodes that run another configuration, or do not say which, are named', () => {
  const node = (name: string, more: object = {}) => ({ node: name, answers: true, drift: false, revision: 4, ...more })
  const facts = (nodes: readonly ReturnType<typeof node>[], known: 'from-store' | 'last-known' = 'from-store') =>
    runFacts({ nodes, revision: 4, known })
  assert.deepEqual(facts([node('a'), node('b')]), { tone: 'good', sentence: 'All 2 nodes run revision 4.' })
  assert.deepEqual(facts([node('a')]), { tone: 'good', sentence: 'The node runs revision 4.' })
  assert.deepEqual(facts([node('a'), node('b', { drift: true })]), {
    tone: 'worry',
    sentence: 'b runs another configuration.',
  })
  assert.deepEqual(facts([node('a', { drift: true }), node('b', { drift: true }), node('c', { answers: false })]), {
    tone: 'worry',
    sentence: 'a, b run another configuration. c does not say what it runs.',
  })
  assert.equal(facts([node('a')], 'last-known').tone, 'worry')
})
