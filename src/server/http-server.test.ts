import assert from 'node:assert/strict'
import test from 'node:test'
import { REFUSALS, refuse } from '../base/refusals.ts'
import type { TokenAnswer } from '../protocol/rest-answers.ts'
import { httpStage, memberRow, OTHER, OWN, staffToken, visitorToken } from './http-stage.ts'

const TOKENS = {
  'visitor own': visitorToken(OWN),
  staff: staffToken('conversations'),
  shop: staffToken('tokens'),
  admin: staffToken('admin'),
}

test('[SV21] what is not as the schema says is refused malformed, whatever stands in the place of a text', async () => {
  const { app, node } = await httpStage()
  const strange = [{}, [], 5.5, null, true, { $ne: '' }, ['x'], '']
  const posts = [
    ['/api/conversations', staffToken('tokens'), (value: unknown) => ({ key: value })],
    [`/api/conversations/${OWN}/messages`, TOKENS.staff, (value: unknown) => ({ key: value, text: 'x' })],
    [
      `/api/conversations/${OWN}/messages`,
      TOKENS.staff,
      (value: unknown) => ({ key: 'k', text: value === '' ? 1 : value }),
    ],
    ['/api/tokens', staffToken('tokens'), (value: unknown) => ({ kind: 'staff', name: value })],
    ['/api/tokens/refresh', undefined, (value: unknown) => ({ token: value })],
    ['/api/demo/token', undefined, (value: unknown) => ({ name: value })],
    ['/api/cluster/nodes/n1/move', TOKENS.admin, (value: unknown) => ({ conversation: value, to: 'n2' })],
    ['/api/cluster/nodes/n1/pause', TOKENS.admin, (value: unknown) => ({ seconds: value })],
  ] as const
  for (const [url, token, body] of posts)
    for (const value of strange) {
      const answer = await app.inject({ method: 'POST', url, headers: bearer(token), payload: body(value) })
      assert.equal(answer.statusCode, 400, `${url} ${JSON.stringify(body(value))}: ${answer.body}`)
      assert.equal(answer.json().code, 'malformed')
    }
  assert.deepEqual(node.submitted, [])
  const raw = { authorization: `Bearer ${TOKENS.staff}`, 'content-type': 'application/json' }
  for (const payload of ['{', '"x"', '[]', '{"__proto__":{"a":1},"key":"k","text":"x"}', '\u0000'])
    assert.equal(
      (await app.inject({ method: 'POST', url: `/api/conversations/${OWN}/messages`, headers: raw, payload }))
        .statusCode,
      400,
    )
  const long = JSON.stringify({ key: 'k', text: 'x'.repeat(5000) })
  const tooLarge = await app.inject({
    method: 'POST',
    url: `/api/conversations/${OWN}/messages`,
    headers: raw,
    payload: long,
  })
  assert.deepEqual([tooLarge.statusCode, tooLarge.json().code], [413, 'too-large'])
  for (const url of [
    `/api/conversations/${OWN}/events?after=-1`,
    `/api/conversations/${OWN}/events?limit=x`,
    '/api/conversations/../x/events',
  ])
    assert.ok([400, 404].includes((await app.inject({ url, headers: bearer(TOKENS.staff) })).statusCode), url)
})

test('[SV22] every refusal of the catalogue is answered with its HTTP status and shape', async () => {
  const { app, node } = await httpStage()
  for (const code of Object.keys(REFUSALS) as (keyof typeof REFUSALS)[]) {
    if (code === 'not-joined') continue
    node.replies.push(refuse(code, { retryAfterMs: 1500 }))
    const answer = await app.inject({
      method: 'POST',
      url: `/api/conversations/${OWN}/messages`,
      headers: bearer(TOKENS['visitor own']),
      payload: { key: 'k', text: 'x' },
    })
    assert.equal(answer.statusCode, REFUSALS[code].http, code)
    const { definite, meaning: message } = REFUSALS[code]
    assert.deepEqual(answer.json(), { code, definite, message, retryAfterMs: 1500 })
    assert.equal(answer.headers['retry-after'], '2')
  }
})

test('[SV23] opening with the same key opens the same conversation and answers 200 the second time', async () => {
  const { app, node } = await httpStage()
  const open = (key?: string) =>
    app.inject({
      method: 'POST',
      url: '/api/conversations',
      headers: bearer(TOKENS.shop),
      payload: { key, name: 'Ada', subject: 'Order' },
    })
  const [first, second, other, unkeyed] = [await open('a'), await open('a'), await open('b'), await open()]
  assert.equal(first.statusCode, 201)
  const opened: TokenAnswer = first.json()
  assert.equal(second.json<TokenAnswer>().conversation, opened.conversation)
  assert.equal(new Set([opened.conversation, other.json().conversation, unkeyed.json().conversation]).size, 3)
  const [submitted] = node.submitted
  assert.equal(submitted?.conversation, opened.conversation)
  assert.deepEqual(submitted?.submission, {
    sender: { id: `visitor-${opened.conversation}`, role: 'visitor', name: 'Ada' },
    key: 'open',
    command: { type: 'open', mode: 'live', subject: 'Order' },
  })
})

test('[SV24] a visitor reads place holders where staff reads notes', async () => {
  const { app } = await httpStage()
  const read = async (token: string | undefined) =>
    (await app.inject({ url: `/api/conversations/${OWN}/events`, headers: bearer(token) })).json()
  assert.deepEqual(await read(TOKENS.staff), {
    conversation: OWN,
    headSeq: 2,
    events: [
      { seq: 1, type: 'message' },
      { seq: 2, type: 'note' },
    ],
  })
  assert.deepEqual((await read(TOKENS['visitor own'])).events[1], { type: 'skip', seq: 2 })
})

test('staff that speaks by REST joins by speaking, and its message is sent once more with the same key', async () => {
  const { app, node } = await httpStage()
  node.replies.push(refuse('not-joined'), { kind: 'ack', seq: 3 }, { kind: 'ack', seq: 4 })
  const answer = await app.inject({
    method: 'POST',
    url: `/api/conversations/${OWN}/messages`,
    headers: bearer(TOKENS.staff),
    payload: { key: 'k', text: 'hello' },
  })
  assert.deepEqual(answer.json(), { key: 'k', seq: 4 })
  assert.deepEqual(
    node.submitted.map(({ submission }) => submission.command.type),
    ['message', 'join', 'message'],
  )
})

test('[SV25] nobody gives away more than he has', async () => {
  const { app } = await httpStage()
  const ask = async (giver: string, scopes: string[]) =>
    (
      await app.inject({
        method: 'POST',
        url: '/api/tokens',
        headers: bearer(giver),
        payload: { kind: 'staff', name: 'X', scopes },
      })
    ).statusCode
  assert.equal(await ask(staffToken('tokens'), ['admin']), 403)
  assert.equal(await ask(staffToken('tokens'), ['conversations']), 403)
  assert.equal(await ask(staffToken('tokens', 'conversations'), ['conversations']), 200)
  assert.equal(await ask(staffToken('tokens', 'admin'), ['admin', 'conversations']), 200)
  const anonymous = await app.inject({ method: 'POST', url: '/api/tokens', payload: { kind: 'staff', name: 'X' } })
  assert.equal(anonymous.statusCode, 401)
  const chosen = await app.inject({
    method: 'POST',
    url: '/api/tokens',
    payload: { kind: 'visitor', conversation: OWN, subject: 'v' },
  })
  assert.notEqual(chosen.json().conversation, OWN, 'a stranger does not choose its conversation')
})

test('[SV26] an expired visitor token is exchanged within its grace time, a staff token is not', async () => {
  const { app } = await httpStage()
  const refresh = (token: string) => app.inject({ method: 'POST', url: '/api/tokens/refresh', payload: { token } })
  const late = await refresh(`expired:${visitorToken(OWN)}`)
  assert.equal(late.json().conversation, OWN)
  assert.equal((await refresh(`expired:${staffToken('admin')}`)).json().code, 'token-expired')
  assert.equal((await refresh(staffToken('admin'))).statusCode, 200)
  assert.equal((await refresh('rubbish')).json().code, 'token-invalid')
  const demo = await app.inject({
    method: 'POST',
    url: '/api/demo/token',
    payload: { token: `expired:${visitorToken(OWN)}` },
  })
  assert.equal(demo.json().conversation, OWN)
})

test('visitor tokens for anybody end where the operator says so, and are limited per address', async () => {
  const closed = await httpStage({ anonymousVisitors: false })
  assert.equal((await closed.app.inject({ method: 'POST', url: '/api/demo/token', payload: {} })).statusCode, 401)
  const { app } = await httpStage({ visitorTokensPerMinute: 2 })
  const codes = []
  for (let n = 0; n < 3; n++)
    codes.push((await app.inject({ method: 'POST', url: '/api/demo/token', payload: {} })).statusCode)
  assert.deepEqual(codes, [200, 200, 429])
  const live = await app.inject({ url: '/health/live' })
  assert.equal(live.statusCode, 200)
})

test('[SV36] who signs in to give tokens, or brings one to refresh, is not counted among anonymous visitors', async () => {
  const { app } = await httpStage({ visitorTokensPerMinute: 1 })
  const giver = staffToken('tokens')
  const post = async (url: string, payload: object, headers: Record<string, string> = {}) =>
    (await app.inject({ method: 'POST', url, payload, headers })).statusCode
  const codes = []
  for (let n = 0; n < 3; n++) {
    codes.push(await post('/api/tokens', {}, bearer(giver)))
    codes.push(await post('/api/tokens/refresh', { token: visitorToken(OWN) }))
    codes.push(await post('/api/demo/token', { token: visitorToken(OWN) }))
  }
  assert.deepEqual(new Set(codes), new Set([200]))
  assert.equal(await post('/api/demo/token', {}), 200)
  assert.equal(await post('/api/tokens', {}), 429, 'both entrances of anonymous visitors count together')
  assert.equal(await post('/api/tokens', {}, bearer('nonsense')), 401)
  assert.equal(await post('/api/tokens', {}, bearer(giver)), 200)
})

test('[SV36] behind a trusted balancer each client is counted by its own address, and nobody else is believed', async () => {
  const codes = async (trustedProxies: readonly string[]) => {
    const { app } = await httpStage({ visitorTokensPerMinute: 1, trustedProxies })
    const statuses = []
    for (const client of ['192.0.2.1', '192.0.2.2', '192.0.2.1']) {
      const headers = { 'x-forwarded-for': client }
      const answer = await app.inject({ method: 'POST', url: '/api/demo/token', payload: {}, headers })
      statuses.push(answer.statusCode)
    }
    return statuses
  }
  assert.deepEqual(await codes(['127.0.0.0/8']), [200, 200, 429])
  assert.deepEqual(await codes([]), [200, 429, 429])
  assert.deepEqual(await codes(['10.0.0.0/8']), [200, 429, 429])
})

test('a key that is not known here is no verdict while the store is away', async () => {
  const { app, tokens } = await httpStage()
  const ask = () => app.inject({ url: '/api/cluster', headers: bearer('unknown:x') })
  tokens.storeAway = true
  assert.equal((await ask()).statusCode, 503)
  tokens.storeAway = false
  assert.equal((await ask()).json().code, 'token-invalid')
})

test('[SV27] health: live touches nothing, ready is 200, 404 while draining, 503 without a lease', async () => {
  const { app, node } = await httpStage()
  const status = async () => {
    const paths = ['live', 'ready', 'active', 'deps'].map((name) => `/health/${name}`)
    return Promise.all(
      [...paths, '/Chime/API/Health/Status'].map(async (url) => (await app.inject({ url })).statusCode),
    )
  }
  assert.deepEqual(await status(), [200, 200, 200, 200, 200])
  node.mode_ = 'disabled'
  assert.deepEqual(await status(), [200, 200, 404, 200, 200])
  node.mode_ = 'draining'
  assert.deepEqual(await status(), [200, 404, 404, 200, 404])
  node.mode_ = 'enabled'
  node.store = 'unavailable'
  assert.deepEqual(await status(), [200, 200, 200, 503, 200])
  node.lease = false
  assert.deepEqual(await status(), [200, 200, 503, 503, 200], 'an edge keeps its clients while the store is away')
  node.members_ = [memberRow(node.self().node, ['chat'])]
  assert.deepEqual(await status(), [200, 503, 503, 503, 503])
})

test('[SV28] the cluster answer shows each node once, its living run first, with the sums of all that answered', async () => {
  const { app, node, heads, damaged } = await httpStage()
  damaged.push({ conversation: OTHER, reason: 'its log ends at 2, its head is at 3' })
  node.members_ = [
    memberRow('n1', ['chat']),
    { ...memberRow('n1', ['chat']), incarnation: 'older', tombstoned: true },
    { ...memberRow('n2', ['chat', 'edge']), beatAgeMs: 700 },
    { ...memberRow('n3', ['backup']), beatAgeMs: 9000 },
  ]
  heads.push({
    conversation: OWN,
    epoch: 3,
    seq: 9,
    owner: { node: 'n1', incarnation: 'i' },
    status: 'open',
    summary: '',
    openedAt: 1,
    changedAt: 2,
  })
  const answer = (await app.inject({ url: '/api/cluster', headers: bearer(TOKENS.admin) })).json()
  assert.deepEqual(
    answer.nodes.map(({ name, role, state }: Record<string, string>) => [name, role, state]),
    [
      ['n1', 'chat', 'live'],
      ['n2', 'all', 'suspect'],
      ['n3', 'backup', 'dead'],
    ],
  )
  assert.deepEqual(answer.ownership, [{ conversation: OWN, epoch: 3, owner: 'n1' }])
  assert.deepEqual(answer.damaged, damaged)
  assert.equal(answer.counters.adoptions, 4, 'a dead node is not asked')
  const { decisions } = (await app.inject({ url: '/api/cluster/decisions', headers: bearer(TOKENS.admin) })).json()
  assert.equal(decisions[0].reason, 'a reason')
  assert.equal(new Set(decisions.map(({ id }: { id: string }) => id)).size, decisions.length)
})

test('[SV29] kill, pause and restart reach the supervisor, and without one they are refused', async () => {
  const { app, acts } = await httpStage()
  const post = (url: string, payload: object = {}, stage = app) =>
    stage.inject({ method: 'POST', url: `/api/cluster/nodes/${url}`, headers: bearer(TOKENS.admin), payload })
  assert.equal((await post('n1/kill')).statusCode, 200)
  assert.equal((await post('n1/pause', { seconds: 2 })).statusCode, 200)
  assert.equal((await post('nx/restart')).json().code, 'unknown-node')
  assert.deepEqual(acts, [
    { node: 'n1', act: 'kill', seconds: 5 },
    { node: 'n1', act: 'pause', seconds: 2 },
  ])
  const alone = await httpStage({}, false)
  assert.equal((await post('n1/kill', {}, alone.app)).statusCode, 403)
  assert.equal((await post('n1/drain', {}, alone.app)).statusCode, 200)
  assert.deepEqual(alone.node.asked.at(-1), { node: 'n1', question: 'drain', body: { finish: false } })
})

test('[SV30] a node that is no edge serves health, numbers and operators only', async () => {
  const { app } = await httpStage({ edge: false })
  const status = async (url: string) => (await app.inject({ url, headers: bearer(TOKENS.admin) })).statusCode
  for (const url of ['/health/live', '/metrics', '/api/kpi', '/api/cluster']) assert.equal(await status(url), 200, url)
  for (const url of ['/', '/agent', '/api/conversations']) assert.equal(await status(url), 404, url)
})

test('every address of the console is one page, and where the cluster page was leads there', async () => {
  const { app } = await httpStage()
  for (const url of ['/console', '/console/cluster', '/console/configuration/queue/sales?at=3'])
    assert.match((await app.inject({ url })).body, /^The pages were not built/, url)
  assert.equal((await app.inject({ url: '/consoles' })).statusCode, 404)
  const moved = await app.inject({ url: '/cluster' })
  assert.deepEqual([moved.statusCode, moved.headers.location], [302, '/console/cluster'])
})

test('[SV31] pages of allowed sites may call, others are not told so, and every answer carries the page policy', async () => {
  const { app } = await httpStage()
  const preflight = (origin: string) =>
    app.inject({
      method: 'OPTIONS',
      url: '/api/demo/token',
      headers: { origin, 'access-control-request-method': 'POST' },
    })
  const allowed = await preflight('https://shop.example')
  assert.deepEqual([allowed.statusCode, allowed.headers['access-control-allow-origin']], [204, 'https://shop.example'])
  const foreign = await preflight('https://evil.example')
  assert.equal(foreign.headers['access-control-allow-origin'], undefined)
  for (const url of ['/', '/health/live', '/api/cluster', '/nothing']) {
    const { headers } = await app.inject({ url })
    assert.match(String(headers['content-security-policy']), /frame-ancestors 'none'/, url)
    assert.equal(headers['x-content-type-options'], 'nosniff', url)
  }
})

function bearer(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` }
}
