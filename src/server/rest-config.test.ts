import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import type { ConfigAnswer, ConfigHistoryAnswer } from '../protocol/config-answers.ts'
import { httpStage, staffToken } from './http-stage.ts'

async function stage(context: TestContext) {
  const { app } = await httpStage()
  context.after(() => app.close())
  const headers = { authorization: `Bearer ${staffToken('admin')}` }
  let made = 0
  const post = async (url: string, payload: object) => {
    made += 1
    return app.inject({ method: 'POST', url, headers, payload: { key: `k${made}`, reason: 'because', ...payload } })
  }
  const change = (documents: readonly { name: string; text: string | null; expect?: number }[], more = {}) =>
    post('/api/config/changes', { documents, ...more })
  const get = async <Answer>(url: string) => (await app.inject({ url, headers })).json() as Answer
  return { app, post, change, get }
}

test('[SV50] a change is stored with its author and reason, and can be read by all', async (context) => {
  const { change, get } = await stage(context)
  const stored = await change([{ name: 'queue/sales', text: 'title: Sales' }], { reason: 'we open' })
  assert.deepEqual(
    [stored.statusCode, stored.json()],
    [
      200,
      {
        revision: 1,
        dryRun: false,
        diffs: [{ document: 'queue/sales', act: 'added', fields: [{ field: 'title', after: '"Sales"' }] }],
      },
    ],
  )
  const { revision, documents, kinds, nodes } = await get<ConfigAnswer>('/api/config')
  assert.equal(revision, 1)
  assert.deepEqual(documents, [{ name: 'queue/sales', revision: 1, value: { title: 'Sales' }, text: 'title: Sales\n' }])
  assert.ok(kinds.some(({ kind, many }) => kind === 'queue' && many))
  assert.deepEqual(
    nodes.map(({ node, drift }) => [node, drift]),
    [
      ['e1', true],
      ['n1', true],
    ],
  )
  const { changes } = await get<ConfigHistoryAnswer>('/api/config/history?name=queue/sales')
  assert.deepEqual(
    changes.map(({ revision: number, author, reason }) => [number, author, reason]),
    [[1, 'Ada', 'we open']],
  )
})

test('[SV51] what is wrong is answered whole, with document, line and field, and nothing is stored', async (context) => {
  const { change, get } = await stage(context)
  const refused = await change([
    { name: 'queue/sales', text: 'title: Sales' },
    { name: 'web-client/shop', text: 'title: Shop\nqueue: nowhere\n' },
  ])
  const { code, faults } = refused.json()
  assert.deepEqual([refused.statusCode, code], [422, 'config-invalid'])
  assert.deepEqual(faults, [
    {
      document: 'web-client/shop',
      field: 'queue',
      sentence: 'There is no queue called nowhere.',
      line: 2,
      column: 1,
    },
  ])
  assert.equal((await get<ConfigAnswer>('/api/config')).revision, 0)
})

test('[SV52] a stale edit is refused and shows both versions', async (context) => {
  const { change } = await stage(context)
  await change([{ name: 'queue/sales', text: 'title: Sales' }])
  await change([{ name: 'queue/sales', text: 'title: Verkauf', expect: 1 }])
  const stale = await change([{ name: 'queue/sales', text: 'title: Vente', expect: 1 }])
  const { code, conflicts } = stale.json()
  assert.deepEqual([stale.statusCode, code], [409, 'config-conflict'])
  assert.deepEqual(conflicts, [
    {
      name: 'queue/sales',
      wanted: 'title: Vente',
      there: { name: 'queue/sales', revision: 2, value: { title: 'Verkauf' }, text: 'title: Verkauf\n' },
    },
  ])
})

test('[SV53] a dry run tells what would change and stores nothing', async (context) => {
  const { change, get } = await stage(context)
  const { dryRun, diffs, revision } = (
    await change([{ name: 'queue/sales', text: 'title: Sales' }], { dryRun: true })
  ).json()
  assert.deepEqual([dryRun, diffs.length, revision], [true, 1, 0])
  assert.equal((await get<ConfigAnswer>('/api/config')).revision, 0)
})

test('[SV54] a roll-back is a change of its own: all is as it was, and nothing is forgotten', async (context) => {
  const { change, post, get } = await stage(context)
  await change([{ name: 'queue/sales', text: 'title: Sales' }])
  await change([
    { name: 'queue/sales', text: 'title: Verkauf' },
    { name: 'queue/help', text: 'title: Help' },
  ])
  await change([{ name: 'branding', text: 'name: Shop' }])
  const back = await post('/api/config/rollback', { to: 1, reason: 'wrong language' })
  assert.deepEqual([back.statusCode, back.json().revision], [200, 4])
  const { documents } = await get<ConfigAnswer>('/api/config')
  assert.deepEqual(
    documents.map(({ name, value }) => [name, value]),
    [['queue/sales', { title: 'Sales' }]],
  )
  const { changes } = await get<ConfigHistoryAnswer>('/api/config/history')
  assert.deepEqual(
    changes.map(({ revision }) => revision),
    [4, 3, 2, 1],
  )
  assert.equal((await post('/api/config/rollback', { to: 4 })).json().diffs.length, 0)
  assert.equal((await post('/api/config/rollback', { to: 99 })).statusCode, 404)
})

test('[SV54] one document alone goes back where that is asked for, and the others stay', async (context) => {
  const { change, post, get } = await stage(context)
  await change([{ name: 'queue/sales', text: 'title: Sales' }])
  await change([
    { name: 'queue/sales', text: 'title: Verkauf' },
    { name: 'queue/help', text: 'title: Help' },
  ])
  const back = await post('/api/config/rollback', { to: 1, name: 'queue/sales' })
  assert.deepEqual([back.statusCode, back.json().revision], [200, 3])
  const { documents } = await get<ConfigAnswer>('/api/config')
  assert.deepEqual(
    documents.map(({ name, value }) => [name, value]),
    [
      ['queue/help', { title: 'Help' }],
      ['queue/sales', { title: 'Sales' }],
    ],
  )
  assert.equal((await post('/api/config/rollback', { to: 1, name: 'Not a name' })).statusCode, 400)
})
