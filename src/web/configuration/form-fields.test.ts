import assert from 'node:assert/strict'
import test from 'node:test'
import { codeParts, fallbackText, formOf, labelOf } from './form-fields.ts'

const SCHEMA = {
  type: 'object',
  required: ['title', 'queue'],
  properties: {
    title: { type: 'string', description: 'The name.', minLength: 1 },
    greeting: { type: 'string', description: 'Said first.', default: '', lines: 'many' },
    idleMinutes: { type: 'integer', description: 'Ends.', minimum: 16, maximum: 60, default: 20, unit: 'minutes' },
    share: { type: 'number', description: 'A part.', default: 0.5 },
    open: { type: 'boolean', description: 'Takes in.', default: true },
    side: { anyOf: [{ const: 'left' }, { const: 'right' }], description: 'Corner.', default: 'right' },
    mode: { enum: ['fast', 'slow'], description: 'Mode.', default: 'fast' },
    colour: { type: 'string', description: 'Colour.', default: '#ffffff', colour: true },
    logo: { type: 'string', description: 'Logo.', default: '', asset: 'image' },
    queue: { type: 'string', description: 'Where.', refersTo: 'queue' },
    mailServer: { type: 'string', description: 'SMTP.', default: '', secret: 'mail-password' },
    tags: { type: 'array', description: 'Tags.', items: { type: 'string' }, default: [] },
    names: { type: 'object', description: 'Names.', additionalProperties: { type: 'string' }, default: {} },
    byCode: { type: 'object', description: 'Codes.', patternProperties: { '^.*$': { type: 'integer' } }, default: {} },
    hours: {
      type: 'object',
      description: 'Hours.',
      properties: { from: { type: 'string', description: 'Begin.' } },
      required: ['from'],
      default: {},
    },
    either: { anyOf: [{ type: 'string' }, { type: 'integer' }], description: 'Both.', default: 1 },
    anything: { description: 'Whatever.', default: null },
  },
  additionalProperties: false,
}

const form = formOf(SCHEMA)
const shapeOf = (name: string) => form.find((field) => field.name === name)?.shape

test('[WE50] every field of a schema has the control that fits what it holds, and one without a control is YAML', () => {
  const kinds = Object.fromEntries(form.map(({ name, shape }) => [name, shape.kind]))
  assert.deepEqual(kinds, {
    ...{ title: 'line', greeting: 'lines', idleMinutes: 'number', share: 'number', open: 'flag', side: 'choice' },
    ...{ mode: 'choice', colour: 'colour', logo: 'image', queue: 'reference', mailServer: 'line', tags: 'list' },
    ...{ names: 'record', byCode: 'record', hours: 'group', either: 'yaml', anything: 'yaml' },
  })
  assert.deepEqual(shapeOf('idleMinutes'), { kind: 'number', whole: true, min: 16, max: 60 })
  assert.deepEqual(shapeOf('side'), { kind: 'choice', choices: ['left', 'right'] })
  assert.deepEqual(shapeOf('queue'), { kind: 'reference', to: 'queue' })
  const hours = shapeOf('hours')
  assert.ok(hours?.kind === 'group')
  assert.deepEqual(
    hours.fields.map(({ name, required }) => [name, required]),
    [['from', true]],
  )
})

test('[WE50] a field says what it is for, its unit, its default, whether it must be given, and its secret', () => {
  const [title, , idle] = form
  assert.deepEqual(
    [title?.label, title?.about, title?.required, title?.fallback],
    ['Title', 'The name.', true, undefined],
  )
  assert.deepEqual([idle?.unit, idle && fallbackText(idle)], ['minutes', '20 minutes'])
  const told = Object.fromEntries(form.map((field) => [field.name, fallbackText(field)]))
  assert.deepEqual(
    [told.title, told.greeting, told.open, told.side, told.tags, told.names],
    [undefined, 'nothing', 'on', 'right', 'nothing', '{}'],
  )
  assert.equal(form.find(({ name }) => name === 'mailServer')?.secret, 'mail-password')
})

test('what is no schema makes an empty form', () => {
  for (const schema of [null, undefined, 7, [], {}, { properties: [] }]) assert.deepEqual(formOf(schema), [])
})

test('names of fields become labels, and backticks code', () => {
  const table = [
    ['title', 'Title'],
    ['messagesPerSecond', 'Messages per second'],
    ['publicUrl', 'Public URL'],
    ['clientId', 'Client ID'],
    ['idleMinutes', 'Idle minutes'],
    ['html', 'HTML'],
  ] as const
  for (const [name, label] of table) assert.equal(labelOf(name), label)
  assert.deepEqual(codeParts('`bot`: at `address`.'), [
    { code: true, text: 'bot' },
    { code: false, text: ': at ' },
    { code: true, text: 'address' },
    { code: false, text: '.' },
  ])
})
