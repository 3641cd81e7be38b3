import assert from 'node:assert/strict'
import test from 'node:test'
import { Configuration } from './configuration.ts'
import { EMAIL_TEMPLATE } from './kinds/email-template.ts'
import { CLUSTER_SETTINGS } from './kinds/settings-document.ts'
import { templateFault } from './liquid-template.ts'

const NOTHING = new Configuration(0)

test('[CF31] a template that is not Liquid is refused with its field, and the line in it', () => {
  assert.equal(templateFault('Dear {{ visitor | default: "you" }}'), undefined)
  assert.equal(templateFault('one\ntwo {% nonsense %}')?.line, 2)
  assert.match(templateFault('{{ x | no_such_filter }}')?.sentence ?? '', /no_such_filter/)
  const faults = EMAIL_TEMPLATE.check?.({ subject: 'Bye', text: '{% if x %}', html: '{{ x' }, NOTHING)
  assert.deepEqual(
    faults?.map(({ field }) => field),
    ['text', 'html'],
  )
})

test('[CF31] an address of a mail server that is none, or holds a password, is refused', () => {
  const faultsOf = (document: { mailServer?: string; mailFrom?: string }) =>
    CLUSTER_SETTINGS.check?.({ ...document } as never, NOTHING)?.map(({ field }) => field)
  for (const mailServer of ['smtp://mail.example.com', 'smtps://ann%40example.com@mail.example.com:465', ''])
    assert.deepEqual(faultsOf({ mailServer, mailFrom: 'chat@example.com' }), [])
  for (const mailServer of [
    'mail.example.com',
    'smtp://ann:sesame@mail.example.com',
    'http://mail.example.com',
    'smtp://',
  ])
    assert.deepEqual(faultsOf({ mailServer }), ['mailServer'])
  assert.deepEqual(faultsOf({ mailFrom: 'Chat <chat@example.com>' }), ['mailFrom'])
})
