import assert from 'node:assert/strict'
import test from 'node:test'
import type { SecretNodeRow, SecretsAnswer } from '../../protocol/audit-answers.ts'
import { keyStateOf, nameFault, retiringOf, sealedText, secretsOf, stateOf, togetherText } from './secrets-facts.ts'

const field = (more: object) => ({ type: 'string', description: 'What for.', ...more })
const kind = (name: string, many: boolean, properties: object) => ({
  ...{ kind: name, title: name === 'settings' ? 'Settings' : 'Hook', about: '', many },
  schema: { type: 'object', properties },
})
const KINDS = [
  kind('settings', false, {
    mailServer: field({ default: '', secret: 'mail-password' }),
    publicUrl: field({ default: '' }),
  }),
  kind('hook', true, { address: field({ secret: 'hook-key' }) }),
]
const document = (name: string, value: object) => ({ name, revision: 1, text: '', value })
const NOTHING = { kinds: KINDS, documents: [] }

function record(n: number, on: string, nodeAt: number, name: string, more: object = {}) {
  const body = { act: 'secret.set', on, who: { subject: 'x', name, from: '' }, node: 'n1', nodeAt, happened: 'done' }
  return { n, key: `k${n}`, at: nodeAt, hash: '', body: JSON.stringify({ ...body, ...more }) }
}

test('[WE100] a secret is known because a field asks for it or because it is set, with who refers to it', () => {
  const documents = [document('settings', { mailServer: 'smtp://mail' }), document('hook/crm', { address: 'x' })]
  const known = secretsOf({ secrets: [{ name: 'own', changedAt: 5 }] }, { kinds: KINDS, documents }, [])
  assert.deepEqual(known, [
    {
      name: 'hook-key',
      uses: [{ document: 'hook/crm', text: 'hook/crm: Address', about: 'What for.', filled: true }],
    },
    {
      name: 'mail-password',
      uses: [{ document: 'settings', text: 'Settings: Mail server', about: 'What for.', filled: true }],
    },
    { name: 'own', uses: [], set: { at: 5 } },
  ])
  assert.deepEqual(
    secretsOf({ secrets: [] }, NOTHING, []).map(({ name, uses }) => [name, uses.map(({ filled }) => filled)]),
    [['mail-password', [false]]],
  )
  assert.deepEqual(secretsOf({ secrets: [] }, undefined, []), [])
})

test('[WE100] that a secret is missing is a worry only where the field that needs it is filled in', () => {
  const told = (filled: boolean, set?: { at: number }) =>
    stateOf({ name: 's', uses: [{ document: 'd', text: '', about: '', filled }], ...(set && { set }) })
  assert.deepEqual(
    [told(true), told(false), told(true, { at: 1 })],
    [
      { tone: 'worry', text: 'Missing' },
      { tone: '', text: 'Not set' },
      { tone: 'good', text: 'Set' },
    ],
  )
  const documents = [document('settings', { mailServer: 'smtp://mail' })]
  const known = secretsOf({ secrets: [{ name: 'own', changedAt: 5 }] }, { kinds: KINDS, documents }, [])
  assert.equal(togetherText(known), '1 set, 1 missing')
  assert.equal(togetherText(secretsOf({ secrets: [] }, NOTHING, [])), '0 set')
})

test('[WE100] who set a secret is told by the record of that time, and by no other record', () => {
  const at = 1_000_000
  const by = (...records: ReturnType<typeof record>[]) =>
    secretsOf({ secrets: [{ name: 's', changedAt: at }] }, undefined, records)[0]?.set?.by
  assert.equal(by(record(1, 'secret/s', at - 60_000, 'Bob'), record(2, 'secret/s', at + 40, 'Ada')), 'Ada')
  assert.equal(by(record(1, 'secret/s', at + 3_000, 'Bob'), record(2, 'secret/s', at + 40, 'Ada')), 'Ada')
  assert.equal(by(record(1, 'secret/s', at + 40, '')), 'x')
  for (const other of [
    record(1, 'secret/other', at, 'Ada'),
    record(1, 'secret/s', at - 60_000, 'Ada'),
    record(1, 'secret/s', at, 'Ada', { act: 'secret.remove' }),
    record(1, 'secret/s', at, 'Ada', { happened: 'unknown' }),
    { ...record(1, 'secret/s', at, 'Ada'), body: 'no record' },
  ])
    assert.equal(by(other), undefined)
})

test('[WE102] older master keys are retired only when no node would be shut out, and each node says what its key is worth', () => {
  const answer = (masterKeys: number, ...states: SecretNodeRow['masterKey'][]): SecretsAnswer => ({
    secrets: [{ name: 's', changedAt: 1 }],
    dataKey: { id: 'd', madeAt: 1, masterKeys, privateKeys: 2 },
    nodes: states.map((masterKey, index) => ({ node: `n${index + 1}`, masterKey })),
  })
  assert.deepEqual(retiringOf(answer(1, 'newest', 'earlier')), { kind: 'none' })
  assert.deepEqual(retiringOf({ secrets: [], nodes: [] }), { kind: 'none' })
  assert.deepEqual(retiringOf(answer(2, 'newest', 'no-secrets')), { kind: 'ready' })
  assert.deepEqual(retiringOf(answer(2, 'newest', 'earlier', 'none', 'silent')), {
    kind: 'shut-out',
    nodes: ['n2', 'n3', 'n4'],
  })
  const tones = answer(2, 'newest', 'earlier', 'none', 'silent', 'no-secrets').nodes.map((row) => keyStateOf(row).tone)
  assert.deepEqual(tones, ['good', 'worry', 'bad', 'worry', ''])
  assert.equal(sealedText(answer(1)), '1 secret and 2 private keys of the cluster')
  assert.equal(sealedText({ ...answer(1), secrets: [] }), '2 private keys of the cluster')
  assert.equal(sealedText({ secrets: [], nodes: [] }), '0 secrets')
})

test('a name is judged as the server judges it, and an empty one is not wrong yet', () => {
  for (const name of ['', 'a', 'mail-password', '9-lives']) assert.equal(nameFault(name), undefined)
  for (const name of ['Mail', '-a', 'a b', 'key/token', 'ä', 'a'.repeat(64)])
    assert.notEqual(nameFault(name), undefined)
})
