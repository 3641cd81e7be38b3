import assert from 'node:assert/strict'
import test from 'node:test'
import { decideChange, type WantedDocument } from './change-decision.ts'
import { diffLines } from './config-diff.ts'
import { type ConfigDocument, Configuration } from './configuration.ts'
import { KindTable } from './kind-table.ts'
import { CONFIG_KINDS } from './kinds/all-kinds.ts'

const kinds = new KindTable(CONFIG_KINDS)
const SALES: ConfigDocument = { name: 'queue/sales', revision: 3, value: { title: 'Sales' } }
const CLIENT: ConfigDocument = { name: 'web-client/shop', revision: 4, value: { title: 'Ask us', queue: 'sales' } }
const present = new Configuration(7, [SALES, CLIENT])

const decide = (...wanted: readonly WantedDocument[]) => decideChange(present, wanted, kinds)

/** `name:line:column field sentence` of each fault. */
function faultsOf(...wanted: readonly WantedDocument[]): readonly string[] {
  const decision = decide(...wanted)
  assert.ok(decision.kind === 'faults', `expected faults, not ${decision.kind}`)
  return decision.faults.map(
    ({ document, line, column, field, sentence }) =>
      `${document}${line === undefined ? '' : `:${line}:${column}`} ${field} ${sentence}`,
  )
}

test('[CF30] a change is what differs from the present, with the revisions that were read', () => {
  const decision = decide(
    { name: 'queue/sales', text: 'title: Verkauf\npriority: 5\n' },
    { name: 'queue/help', text: '{"title":"Help"}' },
    { name: 'web-client/shop', text: 'queue: sales\ntitle: Ask us' },
  )
  assert.ok(decision.kind === 'change')
  assert.deepEqual(decision.edits, [
    { name: 'queue/sales', expect: 3, body: '{"priority":5,"title":"Verkauf"}' },
    { name: 'queue/help', expect: 0, body: '{"title":"Help"}' },
  ])
  assert.deepEqual(decision.diffs.flatMap(diffLines), [
    '~ queue/sales',
    '    priority: 5',
    '    title: "Sales" -> "Verkauf"',
    '+ queue/help',
    '    title: "Help"',
  ])
})

test('[CF30] what is already as it is wanted is no change, whatever order its fields have', () => {
  assert.deepEqual(decide({ name: 'web-client/shop', text: '{"queue":"sales","title":"Ask us"}' }), { kind: 'nothing' })
})

test('[CF30] an edit of what somebody else changed meanwhile is left to the store to refuse', () => {
  const decision = decide({ name: 'queue/sales', text: 'title: Sales', expect: 2 })
  assert.deepEqual(decision.kind === 'change' && decision.edits, [
    { name: 'queue/sales', expect: 2, body: '{"title":"Sales"}' },
  ])
})

test('[CF31] all that is wrong is told at once, with line and field', () => {
  const text = 'title: ""\nlanguage: english please\npriority: 5000\nopen: maybe\ntitel: Sales\n'
  assert.deepEqual(faultsOf({ name: 'queue/sales', text }, { name: 'queue/help', text: '{}' }), [
    'queue/sales:5:1 titel There is no such field.',
    'queue/sales:1:1 title This must not be empty.',
    'queue/sales:4:1 open This must be true or false.',
    'queue/sales:3:1 priority This must be <= 1000.',
    'queue/sales:2:1 language This must be a language such as en or pt-BR.',
    'queue/help:1:1 title This field is missing.',
  ])
})

test('[CF31] a text that cannot be read is told where it breaks', () => {
  assert.deepEqual(faultsOf({ name: 'queue/sales', text: 'title: "Sales\nopen: true\n' }), [
    'queue/sales:3:1  Missing closing "quote.',
  ])
  assert.deepEqual(faultsOf({ name: 'queue/sales', text: 'title: one\ntitle: two\n' }), [
    'queue/sales:2:1  Map keys must be unique.',
  ])
  const bomb = 'title: &a [x, x]\nwaiting: [*a, *a, *a]\n'
  assert.deepEqual(faultsOf({ name: 'queue/sales', text: bomb }), [
    'queue/sales:1:1  Aliases (`*name`) are not taken: write the value out.',
  ])
})

test('[CF31] what was wrong before and is not written now keeps nobody from changing something else', () => {
  const old: ConfigDocument = { name: 'text/hello', revision: 2, value: { title: 'Hello', body: 'Hello {{ name' } }
  const there = new Configuration(7, [SALES, CLIENT, old])
  const edit = { name: 'queue/sales', text: 'title: Verkauf' }
  assert.equal(decideChange(there, [edit], kinds).kind, 'change')
  assert.equal(decideChange(there, [{ name: 'queue/sales', text: null }], kinds).kind, 'faults')
  const again = decideChange(there, [{ name: 'text/hello', text: 'title: Hi\nbody: "Hello {{ name"' }], kinds)
  assert.deepEqual(again.kind === 'faults' && again.faults.map(({ document, field }) => `${document} ${field}`), [
    'text/hello body',
  ])
})

test('[CF31] a name that no document may have is told what it should be', () => {
  assert.deepEqual(
    faultsOf(
      { name: 'Queue', text: '' },
      { name: 'que/ue', text: '' },
      { name: 'queue', text: '' },
      { name: 'branding/main', text: '' },
      { name: '../etc/passwd', text: '' },
    ),
    [
      'Queue  A document is called like `branding` or `queue/sales`: small letters, digits and hyphens.',
      'que/ue  There is no kind of document called que; there are settings, sign-in, branding, queue, web-client, virtual-agent, text, email-template.',
      'queue  There may be several of this kind: give it a name of its own, such as queue/main.',
      'branding/main  There is one of this kind; it is called branding.',
      '../etc/passwd  A document is called like `branding` or `queue/sales`: small letters, digits and hyphens.',
    ],
  )
})

test('[CF32] what others refer to is not removed, and what is not there is not referred to', () => {
  assert.deepEqual(faultsOf({ name: 'queue/sales', text: null }), [
    'web-client/shop queue There is no queue called sales.',
  ])
  assert.deepEqual(faultsOf({ name: 'web-client/shop', text: 'title: Ask us\nqueue: nowhere\n' }), [
    'web-client/shop:2:1 queue There is no queue called nowhere.',
  ])
  const both = decide({ name: 'queue/sales', text: null }, { name: 'web-client/shop', text: null })
  assert.equal(both.kind, 'change')
})

test('[CF33] a field that is absent has its default, and what is stored stays as it was written', () => {
  const [queue] = kinds.all().filter(({ kind }) => kind === 'queue')
  assert.ok(queue)
  const { title, open, priority } = present.all(queue).get('sales') ?? {}
  assert.deepEqual({ title, open, priority }, { title: 'Sales', open: true, priority: 100 })
})

test('[CF33] every field of every kind says what it is for, and has a default or must be given', () => {
  for (const { kind, schema } of CONFIG_KINDS)
    for (const [field, property] of Object.entries(schema.properties)) {
      const { description } = property as { description?: string }
      assert.ok(description && description.length > 10, `${kind}.${field} has no description`)
      assert.equal('default' in property, !schema.required?.includes(field), `${kind}.${field}`)
    }
})

test('[CF86] what documents say of assets must be there, and is told with its place', () => {
  const file = `${'a'.repeat(64)}.png`
  const body = [
    'body: |',
    `  ![one](/assets/${file}) and https://cdn.example/assets/${'b'.repeat(64)}.png`,
    '  https://@Model.ServerFQDN/Chime/Content/images/queues/sales.png.',
    'title: Hello /assets/index-1a2b.js',
  ]
  const decision = decide(
    { name: 'branding', text: `colour: "#000000"\nlogo: /assets/${file}` },
    { name: 'text/hello', text: body.join('\n') },
  )
  assert.ok(decision.kind === 'change')
  assert.deepEqual(
    decision.assets.map(({ word, fault: { document, field, line, sentence } }) => [
      word,
      document,
      field,
      line,
      sentence,
    ]),
    [
      [file, 'branding', 'logo', 2, `There is no asset ${file}.`],
      [file, 'text/hello', 'body', 1, `There is no asset ${file}.`],
      ['queues/sales.png', 'text/hello', 'body', 1, 'There is no asset queues/sales.png.'],
    ],
  )
})

test('[CF86] an image is an asset of an image, an address with https, or none', () => {
  const sentence =
    'This must be an image among the assets, such as /assets/<hash>.png, or an address that begins with https://.'
  for (const logo of [
    'logo.png',
    `/assets/${'a'.repeat(64)}.pdf`,
    'javascript:alert(1)',
    'http://x/logo.png',
    '/assets/x.png',
  ])
    assert.deepEqual(faultsOf({ name: 'branding', text: `logo: "${logo}"` }), [`branding:1:1 logo ${sentence}`])
  for (const logo of ['', '/Chime/Content/images/logo.png'])
    assert.equal(decide({ name: 'branding', text: `logo: "${logo}"\nname: x` }).kind, 'change')
})

test('[CF87] an image of another host needs that host among the ones that pages may show images of', () => {
  const settings = { name: 'settings', text: 'imageHosts: cdn.example, "*.images.example"' }
  const hosts = { name: 'settings', text: 'imageHosts: cdn.example, *.images.example' }
  const logo = (address: string) => ({ name: 'branding', text: `logo: "${address}"` })
  assert.deepEqual(faultsOf(logo('https://cdn.example/logo.png')), [
    'branding:1:1 logo Images of cdn.example are not shown: name it in `imageHosts` of settings.',
  ])
  assert.equal(decide(hosts, logo('https://cdn.example/logo.png')).kind, 'change')
  assert.equal(decide(hosts, logo('https://one.images.example/logo.png')).kind, 'change')
  for (const other of [
    'https://cdn.example.evil.example/x.png',
    'https://images.example/x.png',
    'https://cdn.example:81/x',
  ])
    assert.equal(faultsOf(hosts, logo(other)).length, 1, other)
  assert.deepEqual(faultsOf(settings), [
    'settings:1:1 imageHosts "*.images.example" is not a host such as cdn.example.com.',
  ])
  assert.equal(faultsOf({ name: 'settings', text: `imageHosts: "x; script-src *"` }).length, 1)
})

test('[CF38] a template of Chime is taken with our facts, told by line; what nothing here fills in is refused there', () => {
  const text = [
    'subject: "@Model.ServerFQDN: your chat"',
    'text: |',
    '  Bye.',
    '  https://@Model.ServerFQDN/Chime/Content/images/logo.png',
  ].join('\n')
  const decision = decide({ name: 'email-template/transcript', text })
  assert.ok(decision.kind === 'change')
  assert.deepEqual(
    decision.notes.map(({ document, field, line, sentence }) => `${document}:${line} ${field} ${sentence}`),
    [
      'email-template/transcript:1 subject @Model.ServerFQDN became {{ server }}.',
      'email-template/transcript:4 text @Model.ServerFQDN became {{ server }}.',
    ],
  )
  assert.deepEqual(
    decision.assets.map(({ word }) => word),
    ['logo.png'],
  )
  const [edit] = decision.edits
  const value = JSON.parse(edit?.body ?? '')
  assert.equal(value.subject, '{{ server }}: your chat')
  const stored = new Configuration(8, [{ name: 'email-template/transcript', revision: 8, value }])
  const again = decideChange(stored, [{ name: 'email-template/transcript', text }], kinds)
  assert.equal(again.kind, 'nothing', 'the same file applied again changes nothing')

  assert.deepEqual(
    faultsOf(
      { name: 'text/hi', text: 'title: Hi\nbody: |\n  Dear @Model.GuestName,' },
      { name: 'email-template/alarm', text: 'subject: x\ntext: |\n  a\n  @if (Model.X) {' },
    ),
    [
      'text/hi:3:1 body There is no @Model.GuestName here; these are filled in: {{ server }}.',
      'email-template/alarm:4:1 text @if ( is Razor, which nothing here carries out: write it in Liquid.',
    ],
  )
})
