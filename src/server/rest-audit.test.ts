import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { refuse } from '../base/refusals.ts'
import { AUDIT_ACTS, type AuditAct, type AuditEntry } from '../ops/audit-entry.ts'
import type { AuditAnswer, AuditCheckAnswer, SecretsAnswer } from '../protocol/audit-answers.ts'
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

test('[SV160] who looks for somebody, something or a time gets the newest that fit, and where to go on', async (context) => {
  const { get, audit } = await stage(context)
  const body = (index: number) => {
    const [name, subject] = index % 3 === 0 ? ['Ada Lovelace', 'ada'] : ['Bob', 'bob']
    return JSON.stringify({
      act: index % 2 ? 'node.drain' : 'secret.set',
      on: `node/n${index}`,
      who: { name, subject },
    })
  }
  for (let index = 1; index <= 12; index++) await audit.appendAudit(`k${index}`, body(index))
  await audit.appendAudit('odd', 'no JSON')
  const look = async (query: string): Promise<readonly [readonly number[], number | undefined]> => {
    const { records, next } = await get<AuditAnswer>(`/api/audit?${query}`)
    return [records.map(({ n }) => n), next]
  }
  assert.deepEqual(await look('who=LOVE'), [[3, 6, 9, 12], undefined])
  assert.deepEqual(await look('who=ada&what=drain'), [[3, 9], undefined])
  assert.deepEqual(await look('what=node/n1&limit=2'), [[11, 12], 11])
  assert.deepEqual(await look('what=node/n1&limit=2&before=11'), [[1, 10], undefined])
  assert.deepEqual(await look('limit=5'), [[9, 10, 11, 12, 13], 9])
  assert.deepEqual(await look('limit=5&before=4'), [[1, 2, 3], undefined])
  assert.deepEqual(await look('limit=5&before=1'), [[], undefined])
  assert.deepEqual(await look('since=99999999999999'), [[], undefined])
  assert.deepEqual((await look('since=1'))[0].length, 13)
})

test('[SV160] one look reads so much and no more: what is further back is asked for anew', async (context) => {
  const { get, audit } = await stage(context)
  for (let index = 1; index <= 5100; index++) await audit.appendAudit(`k${index}`, index === 7 ? '{"on":"rare"}' : '{}')
  const first = await get<AuditAnswer>('/api/audit?what=rare')
  assert.deepEqual([first.records.length, first.next], [0, 101])
  const second = await get<AuditAnswer>(`/api/audit?what=rare&before=${first.next}`)
  assert.deepEqual([second.records.map(({ n }) => n), second.next], [[7], undefined])
})

test('[SV161] the chain is checked piece by piece to its end, and the first record that was changed is named', async (context) => {
  const { get, audit } = await stage(context)
  const check = async (from = { n: 0, hash: '' }) =>
    get<AuditCheckAnswer>(`/api/audit/check?after=${from.n}&hash=${from.hash}`)
  assert.deepEqual(await check(), { kind: 'sound', checked: { n: 0, hash: '' }, head: { n: 0, hash: '' } })
  for (let index = 1; index <= 1500; index++) await audit.appendAudit(`k${index}`, '{}')
  const first = await check()
  assert.ok(first.kind === 'sound')
  assert.deepEqual([first.checked.n, first.head.n], [1000, 1500])
  const second = await check(first.checked)
  assert.ok(second.kind === 'sound')
  assert.deepEqual(second.checked, second.head)
  assert.equal((await check(second.checked)).kind, 'sound', 'once more from the end')
  const rows = audit.auditRows.bind(audit)
  audit.auditRows = async (after, limit) =>
    (await rows(after, limit)).map((row) => (row.n === 1200 ? { ...row, body: '{"forged":1}' } : row))
  const forged = await check(first.checked)
  assert.deepEqual([forged.kind, forged.kind === 'broken' && forged.n], ['broken', 1200])
  audit.auditRows = async (after, limit) => (await rows(after, limit)).filter(({ n }) => n < 1400)
  assert.match(JSON.stringify(await check(first.checked)), /1399 of 1500 are there/)
})

test('[SV112] a secret goes in and never comes out: its name is told, and what seals it', async (context) => {
  const { post, get, secrets, node, entries } = await stage(context)
  await post('/api/secrets/mail', { text: 'a canary' })
  assert.equal(await secrets.read('mail'), 'a canary')
  const privateKey = '-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----'
  await secrets.keepKey('key/token-1', privateKey)
  const answer = await get<SecretsAnswer>('/api/secrets')
  assert.deepEqual([answer.secrets.map(({ name }) => name), answer.dataKey?.masterKeys], [['mail'], 1])
  assert.equal(answer.dataKey?.privateKeys, 1)
  for (const act of ['', '/remove'])
    assert.equal(
      (await post(`/api/secrets/key%2Ftoken-1${act}`, { text: 'x' })).statusCode,
      400,
      'no operator reaches it',
    )
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
  assert.equal(await secrets.readKey('key/token-1'), privateKey)
  const told = [await get('/api/secrets'), await get('/api/audit'), await entries()]
  assert.ok(!JSON.stringify(told).includes('canary'))
})
