import assert from 'node:assert/strict'
import test from 'node:test'
import { Configuration } from '../config/configuration.ts'
import { writeLetter } from './mail-letter.ts'
import type { MailOrder } from './mail-order.ts'
import { BUILT_IN_TEMPLATES } from './mail-templates.ts'

const EVIL = '<script>alert(1)</script>"\'&'

function configured(documents: Readonly<Record<string, Record<string, unknown>>>): Configuration {
  return new Configuration(
    1,
    Object.entries(documents).map(([name, value]) => ({ name, revision: 1, value })),
  )
}

function order(template: string, facts: Record<string, unknown> = {}): MailOrder {
  return { to: 'vera@example.com', template, facts }
}

function letterOf(template: { subject?: string; text?: string; html?: string }, facts: Record<string, unknown> = {}) {
  const written = { subject: 's', text: 't', html: '', ...template }
  return writeLetter('id', order('mine'), facts, configured({ 'email-template/mine': written }))
}

test('[OP20] a letter is written by the template of its name, else by the one that Holdfast brings', async () => {
  const facts = { visitor: 'Vera', openedAt: 1_800_000_000, closedAt: 1_800_000_060, leftOut: 0, messages: [] }
  const builtIn = await writeLetter('id', order('transcript'), facts, configured({ branding: { name: 'Chairs' } }))
  assert.deepEqual([builtIn.subject, builtIn.sender], ['Chairs: your conversation', 'Chairs'])
  assert.match(builtIn.text, /Dear Vera,\n\nthis is what was said in your conversation of 2027-01-15 08:00 UTC/)
  const own = { subject: 'Bye {{ visitor }}', text: 'x' }
  const mine = await writeLetter('id', order('transcript'), facts, configured({ 'email-template/transcript': own }))
  assert.deepEqual([mine.subject, mine.text, mine.html], ['Bye Vera', 'x', ''])
  await assert.rejects(writeLetter('id', order('toString'), {}, configured({})), /no e-mail template called toString/)
})

test('[OP20] every template that Holdfast brings can be written with no facts at all', async () => {
  for (const name of Object.keys(BUILT_IN_TEMPLATES)) {
    const letter = await writeLetter('id', order(name), {}, configured({}))
    assert.ok(letter.subject.includes('Holdfast') && letter.text.length > 0)
  }
})

test('[OP21] no value becomes HTML, whatever the template does with it', async () => {
  const ways = [
    '{{ x }}',
    '{{ x | raw }}',
    '{{ x | append: x }}',
    '{% echo x %}',
    '{% echo x | raw %}',
    '{% cycle x, "b" %}',
    '{% capture y %}{{ x | raw }}{% endcapture %}{{ y | raw }}',
    '{% assign y = x | url_encode %}{{ y | url_decode }}',
    '{% for part in parts %}{{ part }}{% endfor %}',
    '{% liquid\n echo x\n%}',
    '{{ x | escape | replace: "&lt;", "<" | replace: "&gt;", ">" }}',
  ]
  for (const html of ways) {
    const letter = await letterOf({ html }, { x: EVIL, parts: [EVIL] })
    assert.ok(letter.html.includes('script'), html)
    assert.ok(!/[<>]/.test(letter.html), `${html} -> ${letter.html}`)
  }
  const transcript = { messages: [{ at: 1, name: EVIL, text: EVIL }], visitor: EVIL, leftOut: 0 }
  const { html } = await writeLetter('id', order('transcript'), transcript, configured({}))
  assert.ok(html.includes('&lt;script&gt;') && !html.includes('<script'))
})

test('[OP21] a value makes no further header', async () => {
  const { subject } = await letterOf({ subject: 'About {{ x }}' }, { x: 'a\r\nBcc: everybody@example.com' })
  assert.equal(subject, 'About a Bcc: everybody@example.com')
})

test('[OP22] a template reaches no file, no other template and nothing but its facts', async () => {
  for (const text of [
    '{% include "/etc/hostname" %}',
    '{% render "../package.json" %}',
    '{% layout "email.html" %}',
    '{% include x %}',
  ])
    await assert.rejects(letterOf({ text }, { x: '/etc/hostname' }), Error, text)
  const { text } = await letterOf({
    text: '[{{ process }}{{ x.constructor }}{{ x.__proto__ }}{{ nothing.at.all }}{{ globalThis }}]',
  })
  assert.equal(text, '[]')
})

test('[OP22] a template that takes too long or too much is given up', async () => {
  await assert.rejects(letterOf({ text: '{% for i in (1..100000000) %}{{ i }}{% endfor %}' }))
  await assert.rejects(
    letterOf({ text: '{% for i in (1..40) %}{% assign x = x | append: x | append: "0123456789" %}{% endfor %}' }),
  )
})

test('[OP20] a template reaches the host of the public address', async () => {
  const template = { subject: 's', text: 'https://{{ server }}/Chime/Content/images/logo.png', html: '' }
  const documents = { 'email-template/mine': template, settings: { publicUrl: 'https://chat.example.com:8443' } }
  const { text } = await writeLetter('id', order('mine'), {}, configured(documents))
  assert.equal(text, 'https://chat.example.com:8443/Chime/Content/images/logo.png')
})
