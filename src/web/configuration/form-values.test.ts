import assert from 'node:assert/strict'
import test from 'node:test'
import { readYaml, yamlText } from './document-yaml.ts'
import { type FormField, formOf } from './form-fields.ts'
import { type Draft, documentOf, draftOf, emptied, entriesIn, sameValue, withEntry } from './form-values.ts'
import { judgeValue } from './value-judge.ts'

const SCHEMA = {
  type: 'object',
  required: ['title'],
  properties: {
    title: { type: 'string', description: 'The name.', minLength: 1 },
    idle: { type: 'integer', description: 'Minutes.', minimum: 16, default: 20 },
    open: { type: 'boolean', description: 'Takes in.', default: true },
    side: { anyOf: [{ const: 'left' }, { const: 'right' }], description: 'Corner.', default: 'right' },
    tags: { type: 'array', description: 'Tags.', items: { type: 'string' }, default: [] },
    names: { type: 'object', description: 'Names.', additionalProperties: { type: 'integer' }, default: {} },
    hours: {
      type: 'array',
      description: 'Hours.',
      items: {
        type: 'object',
        required: ['from'],
        properties: { from: { type: 'string', description: 'Begin.' } },
        additionalProperties: false,
      },
      default: [],
    },
    more: { description: 'Whatever.', default: null },
  },
  additionalProperties: false,
}
const form = formOf(SCHEMA)
const WHOLE = {
  ...{ title: 'Sales', idle: 30, open: false, side: 'left', tags: ['a', 'b'], names: { x: 1, y: 2 } },
  ...{ hours: [{ from: '08:00' }, { from: '13:00' }], more: { any: ['thing'] } },
}

/** The form of a value, with some of its drafts replaced. */
function drafted(value: object, more: Readonly<Record<string, Draft>> = {}) {
  const draft = draftOf(form, value)
  assert.ok(draft)
  return documentOf(form, { fields: { ...draft.fields, ...more } })
}

test('[WE50] a document goes through its form and comes back as it was', () => {
  for (const value of [WHOLE, { title: 'Sales' }, { title: '', open: true }])
    assert.deepEqual(drafted(value), { value, faults: [] })
})

test('[WE50] what a form cannot show is not put into one: nothing is lost by looking', () => {
  for (const value of [
    { title: 'Sales', unknown: 1 },
    { title: 7 },
    { title: 'Sales', idle: 'long' },
    { title: 'Sales', tags: 'a' },
    { title: 'Sales', tags: ['a', 1] },
    { title: 'Sales', hours: [{ from: '08:00', to: '10:00' }] },
    ['Sales'],
    null,
  ])
    assert.equal(draftOf(form, value), undefined, JSON.stringify(value))
})

test('a number that is none stays as it was typed, and the schema tells', () => {
  const { value } = drafted(WHOLE, { idle: 'soon' })
  assert.equal(value.idle, 'soon')
  assert.deepEqual(judgeValue(SCHEMA, value), [{ field: 'idle', sentence: 'This must be a whole number.' }])
  assert.equal(drafted(WHOLE, { idle: ' 45 ' }).value.idle, 45)
})

test('[WE50] what is wrong is told in the browser in the words of the server, at its field', () => {
  const { value } = drafted(WHOLE, { title: '', idle: '3', side: 'up', open: undefined })
  assert.deepEqual(judgeValue(SCHEMA, value), [
    { field: 'title', sentence: 'This must not be empty.' },
    { field: 'idle', sentence: 'This must be >= 16.' },
    { field: 'side', sentence: 'This must be one of left, right.' },
  ])
  assert.deepEqual(judgeValue(SCHEMA, {}), [{ field: 'title', sentence: 'This field is missing.' }])
  assert.deepEqual(judgeValue(SCHEMA, WHOLE), [])
})

test('entries come, go and keep who they are; records want names of their own', () => {
  const tags = withEntry({ kind: 'line' }, draftOf(form, WHOLE)?.fields.tags)
  assert.deepEqual(
    tags.entries.map(({ id }) => id),
    [0, 1, 2],
  )
  assert.deepEqual(drafted(WHOLE, { tags }).value.tags, ['a', 'b', ''])
  assert.deepEqual(entriesIn(undefined), [])
  const names = {
    entries: [
      { id: 0, name: 'x', draft: '1' },
      { id: 1, name: 'x', draft: '2' },
      { id: 2, name: '', draft: '3' },
    ],
  }
  assert.deepEqual(drafted(WHOLE, { names }).faults, [
    { field: 'names.x', sentence: 'There are two entries called x.' },
    { field: 'names', sentence: 'An entry has no name.' },
  ])
})

test('a field that is written as YAML says in which line it breaks', () => {
  assert.deepEqual(drafted(WHOLE, { more: 'any: [1, 2]' }).value.more, { any: [1, 2] })
  const { faults } = drafted(WHOLE, { more: 'any: 1\nany: 2\n' })
  assert.deepEqual(faults, [{ field: 'more', sentence: 'Line 2: Map keys must be unique.' }])
})

test('an emptied control means the default where that is nothing, and the empty text elsewhere', () => {
  const field = (more: Partial<FormField>): FormField => ({
    ...{ name: 'x', label: 'X', about: '', required: false, shape: { kind: 'line' } },
    ...more,
  })
  assert.equal(emptied(field({ fallback: '' })), undefined)
  assert.equal(emptied(field({ fallback: 'Hello' })), '')
  assert.equal(emptied(field({ required: true })), '')
  assert.equal(emptied(field({ fallback: 3, shape: { kind: 'number', whole: true } })), undefined)
})

test('documents are the same whatever the order of their fields, and YAML is read as the server reads it', () => {
  assert.ok(sameValue({ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 }))
  assert.ok(!sameValue({ a: 1 }, { a: '1' }))
  assert.ok(!sameValue(undefined, {}))
  assert.deepEqual(readYaml(yamlText(WHOLE)), { kind: 'read', value: WHOLE })
  assert.deepEqual(readYaml(''), { kind: 'read', value: {} })
  const bomb = readYaml('a: &a [x]\nb: [*a, *a]\n')
  assert.ok(bomb.kind === 'unreadable' && /Aliases/.test(bomb.sentence))
})
