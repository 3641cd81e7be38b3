import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { refuse } from '../base/refusals.ts'
import { AUDIT_ACTS, type AuditAct, type AuditEntry } from '../ops/audit-entry.ts'
import type { AuditAnswer, SecretsAnswer } from '../protocol/audit-answers.ts'
import { httpStage, OWN, staffToken } from './http-stage.ts'
import { ROUTES } from './permissions.ts'

const CHANGE = { key: 'k1', reason: 'because', documents: [{ name: 'queue/sales', text: 'title: Sales' }] }

/** One call of each act, in an order in which each of them changes something. */
const CALLS: readonly {
  readonly act: AuditAct
  readonly on: string
  readonly route: string
  readonly url: string
  readonly payload?: object
}[] = [
  ...(['drain', 'disable', 'enable', 'kill', 'pause', 'restart'] as const).map((act) => ({
    act: `node.${act}` as const,
    on: 'n1',
    route: '/api/cluster/nodes/:name/:act',
    url: `/api/cluster/nodes/n1/${act}`,
  })),
  {
    act: 'conversation.move',
    on: OWN,
    route: '/api/cluster/nodes/:name/move',
    url: '/api/cluster/nodes/n1/move',
    payload: { conversation: OWN, to: 'n2' },
  },
  {
    act: 'token.issue',
    on: 'staff/ada',
    route: '/api/tokens',
    url: '/api/tokens',
    payload: { kind: 'staff', name: 'Ada', subject: 'ada' },
  },
  {
    act: 'config.change',
    on: 'configuration',
    route: '/api/config/changes',
    url: '/api/config/changes',
    payload: CHANGE,
  },
  {
    act: 'config.rollback',
    on: 'configuration',
    route: '/api/config/rollback',
    url: '/api/config/rollback',
    payload: { key: 'k2', reason: 'ugly', to: 0 },
  },
  {
    act: 'secret.set',
    on: 'secret/mail',
    route: '/api/secrets/:name',
    url: '/api/secrets/mail',
    payload: { text: 'x' },
  },
  { act: 'secret.rotate', on: 'secrets', route: '/api/secret-keys/rotate', url: '/api/secret-keys/rotate' },
  { act: 'secret.remove', on: 'secret/mail', route: '/api/secrets/:name/remove', url: '/api/secrets/mail/remove' },
]

/** Acts that need more than a stage; their own tests prove their records. */
const PROVED_ELSEWHERE = /^\/api\/(?:accounts|alarms|assets|api-keys|certificate|outbox)\b/

async function stage(context: TestContext) {
  const made = await httpStage()
  context.after(() => made.app.close())
  const headers = { authorization: `Bearer ${staffToken('admin', 'tokens')}` }
  const post = (url: string, payload: object = {}) => made.app.inject({ method: 'POST', url, headers, payload })
  const get = async <Answer>(url: string) => (await made.app.inject({ url, headers })).json() as Answer
  const entries = async () => (await made.audit.auditRows(0, 1000)).map(({ body }) => JSON.parse(body) as AuditEntry)
  return { ...made, post, get, entries }
}

test('[SV110] [AU1] every act of an administrator leaves one record that names act, object, person and address', async (context) => {
  const { post, entries } = await stage(context)
  for (const [index, { act, on, url, payload }] of CALLS.entries()) {
    const answer = await post(url, payload)
    assert.equal(answer.statusCode, 200, `${url}: ${answer.body}`)
    const all = await entries()
    assert.equal(all.length, index + 1, url)
    const entry = all.at(-1)
    assert.deepEqual(
      [entry?.act, entry?.on, entry?.who, entry?.node, entry?.happened],
      [act, on, { subject: 'ada', name: 'Ada', from: '127.0.0.1' }, 'e1', 'done'],
    )
  }
})

test('[SV110] no route that changes what administrators change is left out', () => {
  const changing = Object.entries(ROUTES).flatMap(([route, access]) => {
    const [method, path = ''] = route.split(' ')
    return method === 'POST' && (access === 'admin' || access === 'account-change') ? [path] : []
  })
  const known = new Set(CALLS.map(({ route }) => route))
  assert.deepEqual(
    changing.filter((path) => !known.has(path) && !PROVED_ELSEWHERE.test(path)),
    [],
  )
  assert.ok(CALLS.every(({ act }) => act in AUDIT_ACTS))
})

test('[SV110] before and after are in the record, and no token', async (context) => {
  const { post, entries } = await stage(context)
  await post('/api/cluster/nodes/n1/pause', { seconds: 7 })
  const issued = (await post('/api/tokens', { kind: 'staff', name: 'Ada', scopes: ['conversations'] })).json()
  await post('/api/config/changes', CHANGE)
  await post('/api/secrets/mail', { text: 'a canary' })
  await post('/api/secrets/mail', { text: 'another canary' })
  const [paused, token, changed, first, second] = await entries()
  assert.deepEqual([paused?.before, paused?.after], [{ mode: 'enabled' }, { asked: 'pause', seconds: 7 }])
  assert.match(JSON.stringify(token?.after), /"scopes":\["conversations"\]/)
  assert.deepEqual(changed?.after, { revision: 1, documents: { 'queue/sales': { title: '"Sales"' } } })
  assert.deepEqual([changed?.before, changed?.reason], [{ documents: { 'queue/sales': {} } }, 'because'])
  assert.deepEqual([first?.before, second?.before], [{ set: false }, { set: true }])
  const all = JSON.stringify(await entries())
  assert.ok(!all.includes('canary') && !all.includes(issued.token))
})

test('[SV110] what was refused is no act; what a node did not answer may be one; a change sent again is one', async (context) => {
  const { post, entries, node } = await stage(context)
  await post('/api/cluster/nodes/nobody/drain')
  await post('/api/secrets/nothing/remove')
  await post('/api/config/changes', { ...CHANGE, documents: [{ name: 'queue/sales', text: '{' }] })
  await post('/api/config/changes', { ...CHANGE, dryRun: true })
  await post('/api/tokens', { kind: 'staff', name: 'X', scopes: ['wrong'] })
  assert.deepEqual(await entries(), [])
  await post('/api/config/changes', CHANGE)
  await post('/api/config/changes', CHANGE)
  assert.equal((await entries()).length, 1)
  node.inspect = async () => {
    throw new Error('The node did not answer.')
  }
  assert.equal((await post('/api/cluster/nodes/n1/drain')).json().code, refuse('owner-unreachable').code)
  assert.equal((await entries()).at(-1)?.happened, 'unknown')
})

test('[SV111] the trail is read in pages, the newest where nothing is asked, each with its end', async (context) => {
  const { post, get } = await stage(context)
  assert.deepEqual(await get('/api/audit'), { records: [], head: { n: 0, hash: '' } })
  for (let index = 1; index <= 5; index++) await post(`/api/secrets/s${index}`, { text: 'x' })
  const numbers = async (query: string) => (await get<AuditAnswer>(`/api/audit${query}`)).records.map(({ n }) => n)
  assert.deepEqual(await numbers(''), [1, 2, 3, 4, 5])
  assert.deepEqual(await numbers('?limit=2'), [4, 5])
  assert.deepEqual(await numbers('?after=0&limit=2'), [1, 2])
  assert.deepEqual(await numbers('?after=4&limit=2'), [5])
  assert.deepEqual(await numbers('?after=5'), [])
  assert.equal((await get<AuditAnswer>('/api/audit?limit=1')).head.n, 5)
})

test('[SV112] a secret goes in and never comes out: its name is told, and what seals it', async (context) => {
  const { post, get, secrets, node } = await stage(context)
  await post('/api/secrets/mail', { text: 'a canary' })
  assert.equal(await secrets.read('mail'), 'a canary')
  const answer = await get<SecretsAnswer>('/api/secrets')
  assert.deepEqual([answer.secrets.map(({ name }) => name), answer.dataKey?.masterKeys], [['mail'], 1])
  assert.deepEqual(answer.nodes, [
    { node: 'e1', masterKey: 'newest' },
    { node: 'n1', masterKey: 'newest' },
  ])
  for (const state of ['earlier', 'none', 'nonsense']) {
    node.masterKeys.set('n1', state)
    const refused = await post('/api/secret-keys/rotate', { retire: true })
    assert.equal(refused.json().code, 'secrets-sealed', 'nobody is shut out')
    assert.match(refused.json().message, /^n1 /)
  }
  node.masterKeys.clear()
  assert.equal((await post('/api/secrets/Mail', { text: 'x' })).statusCode, 400)
  assert.equal((await post('/api/secrets/mail', { text: '' })).statusCode, 400)
  assert.equal((await post('/api/secrets/other/remove')).json().code, 'unknown-secret')
  const rotated = await post('/api/secret-keys/rotate', { retire: true })
  assert.equal(rotated.statusCode, 200)
  assert.notEqual((await get<SecretsAnswer>('/api/secrets')).dataKey?.id, answer.dataKey?.id)
  assert.equal(await secrets.read('mail'), 'a canary')
})
