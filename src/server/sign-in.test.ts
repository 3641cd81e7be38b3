import assert from 'node:assert/strict'
import test from 'node:test'
import type {
  AccountRow,
  AccountsAnswer,
  ApiKeyMadeAnswer,
  SessionAnswer,
  SessionsAnswer,
} from '../protocol/account-answers.ts'
import type { AuditAnswer } from '../protocol/audit-answers.ts'
import type { TokenAnswer } from '../protocol/rest-answers.ts'
import type { StoredRole } from '../store/account-store.ts'
import { type HttpStage, httpStage, PlainTokens, staffToken } from './http-stage.ts'

const PASSWORD = 'correct horse battery'
const NEXT = 'another long password'

type Headers = Readonly<Record<string, string>>

async function withAccounts(settings: Parameters<typeof httpStage>[0] = {}, roles: readonly StoredRole[] = ['admin']) {
  const stage = await httpStage(settings)
  const { store, passwords } = stage.people
  const passwordHash = await passwords.hash(PASSWORD)
  const ada = { id: '00000000000aa', name: 'ada', displayName: 'Ada', roles, passwordHash }
  await store.createAccount(ada)
  await store.createAccount({ ...ada, id: '00000000000ee', name: 'eve', displayName: 'Eve', roles: ['agent'] })
  return stage
}

function post({ app }: HttpStage, url: string, payload: object = {}, headers: Headers = {}) {
  return app.inject({ method: 'POST', url, payload, headers })
}

async function signIn(stage: HttpStage, name = 'ada', password = PASSWORD) {
  const answer = await post(stage, '/api/session', { name, password })
  const [cookie = ''] = String(answer.headers['set-cookie'] ?? '').split(';')
  const { token, session } = answer.json<SessionAnswer>()
  return { answer, cookie, session, bearer: { authorization: `Bearer ${token}` } }
}

test('[SV70] who signs in gets a token for his pages, and a fresh one by the cookie for as long as the session is good', async () => {
  const stage = await withAccounts()
  const { answer, cookie, bearer, session } = await signIn(stage, ' Ada ')
  assert.equal(answer.statusCode, 200, answer.body)
  assert.equal(answer.headers['cache-control'], 'no-store')
  assert.equal((await stage.app.inject({ url: '/api/cluster', headers: bearer })).statusCode, 200)
  const again = await post(stage, '/api/session/token', {}, { cookie })
  const { token, session: same, name, scopes } = again.json<SessionAnswer>()
  assert.deepEqual([same, name, scopes.includes('admin')], [session, 'Ada', true])
  const refreshed = await post(stage, '/api/tokens/refresh', { token })
  assert.equal(refreshed.statusCode, 200)
  const out = await post(stage, '/api/session/end', {}, { cookie })
  assert.match(String(out.headers['set-cookie']), /^holdfast-session=; Path=\/; Max-Age=0/)
  for (const [url, payload, headers] of [
    ['/api/session/token', {}, { cookie }],
    ['/api/tokens/refresh', { token }, {}],
    ['/api/accounts', { name: 'x', roles: [] }, bearer],
  ] as const)
    assert.equal((await post(stage, url, payload, headers)).statusCode, 401, `${url} after signing out`)
})

test('[SV70] the cookie opens the routes of the session and nothing else', async () => {
  const stage = await withAccounts()
  const { cookie } = await signIn(stage)
  for (const url of ['/api/cluster', '/api/accounts', '/api/kpi', '/api/conversations'])
    assert.equal((await stage.app.inject({ url, headers: { cookie } })).statusCode, 401, url)
})

test('[SV71] no page of another site can use a session or sign anybody in', async () => {
  const stage = await withAccounts({ publicUrl: 'http://chat.example', addresses: ['http://other.example'] })
  const { cookie } = await signIn(stage)
  const table = [
    [{}, 200],
    [{ 'sec-fetch-site': 'same-origin' }, 200],
    [{ 'sec-fetch-site': 'same-origin', origin: 'http://chat.example' }, 200],
    [{ 'sec-fetch-site': 'same-site', origin: 'http://chat.example' }, 403],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'none' }, 403],
    [{ origin: 'http://chat.example' }, 200],
    [{ origin: 'http://other.example' }, 200],
    [{ origin: 'http://10.0.0.7:8400', host: '10.0.0.7:8400' }, 200],
    [{ origin: 'http://shop.example' }, 403],
    [{ origin: 'https://shop.example' }, 403],
    [{ origin: 'null' }, 403],
  ] as const
  for (const [headers, status] of table) {
    const told = JSON.stringify(headers)
    assert.equal((await post(stage, '/api/session/token', {}, { ...headers, cookie })).statusCode, status, told)
    const credentials = { name: 'ada', password: PASSWORD }
    assert.equal((await post(stage, '/api/session', credentials, headers)).statusCode, status, told)
  }
})

test('[SV72] the cookie is for no script and no other site, and with TLS bound to this host', async () => {
  const plain = await signIn(await withAccounts())
  const cookie = String(plain.answer.headers['set-cookie'])
  assert.match(cookie, /^holdfast-session=hfs_[\w-]{43}; Path=\/; Max-Age=86400; HttpOnly; SameSite=Strict$/)
  const secure = await withAccounts({ publicUrl: 'https://chat.example' })
  const told = await signIn(secure)
  assert.match(
    String(told.answer.headers['set-cookie']),
    /^__Host-holdfast-session=\S+; Path=\/; Max-Age=86400; HttpOnly; SameSite=Strict; Secure$/,
  )
  assert.equal((await post(secure, '/api/session/token', {}, { cookie: told.cookie })).statusCode, 200)
  const forged = told.cookie.replace('__Host-', '')
  assert.equal(
    (await post(secure, '/api/session/token', {}, { cookie: forged })).statusCode,
    401,
    'set by another host',
  )
})

test('[SV74] a wrong name, a wrong password and a shut account are answered alike, and guessing is slowed down', async () => {
  const stage = await withAccounts()
  await stage.people.store.changeAccount('00000000000ee', { disabled: true })
  const bodies = []
  for (const [name, password] of [
    ['nobody', PASSWORD],
    ['ada', 'wrong'],
    ['eve', PASSWORD],
  ] as const) {
    const answer = await post(stage, '/api/session', { name, password })
    assert.equal(answer.statusCode, 401)
    assert.equal(answer.headers['set-cookie'], undefined)
    bodies.push(answer.body)
  }
  assert.equal(new Set(bodies).size, 1)
  for (let count = 0; count < 4; count++) await post(stage, '/api/session', { name: 'ada', password: 'wrong' })
  const blocked = await post(stage, '/api/session', { name: 'ada', password: PASSWORD })
  assert.deepEqual(
    [blocked.statusCode, blocked.json().code, blocked.headers['retry-after']],
    [429, 'rate-limited', '1'],
  )
  await stage.clock.advance(1000)
  assert.equal((await signIn(stage)).answer.statusCode, 200)
})

test('[SV75] whoever changes his own password gives the present one; his other sessions end, this one stays', async () => {
  const stage = await withAccounts({}, ['agent'])
  const [here, elsewhere] = [await signIn(stage), await signIn(stage)]
  const change = (payload: object) => post(stage, '/api/accounts/00000000000aa/password', payload, here.bearer)
  assert.equal((await change({ password: NEXT })).json().code, 'malformed')
  assert.equal((await change({ password: NEXT, current: 'wrong' })).json().code, 'sign-in-failed')
  const weak = await change({ password: 'short', current: PASSWORD })
  assert.deepEqual([weak.statusCode, weak.json().code], [422, 'password-weak'])
  assert.equal((await change({ password: NEXT, current: PASSWORD })).statusCode, 200)
  assert.equal((await post(stage, '/api/session/token', {}, { cookie: here.cookie })).statusCode, 200)
  assert.equal((await post(stage, '/api/session/token', {}, { cookie: elsewhere.cookie })).statusCode, 401)
  assert.equal((await signIn(stage, 'ada', PASSWORD)).answer.statusCode, 401)
  assert.equal((await signIn(stage, 'ada', NEXT)).answer.statusCode, 200)
})

test('[SV75] people see and end their own sessions, administrators those of all', async () => {
  const stage = await withAccounts()
  const [ada, eve] = [await signIn(stage), await signIn(stage, 'eve')]
  const url = '/api/accounts/00000000000ee/sessions'
  const { sessions } = (await stage.app.inject({ url, headers: eve.bearer })).json<SessionsAnswer>()
  assert.deepEqual(
    sessions.map(({ id, present, via }) => ({ id, present, via })),
    [{ id: eve.session, present: true, via: 'password' }],
  )
  const own = await stage.app.inject({ url: '/api/accounts/00000000000ee', headers: eve.bearer })
  assert.equal(own.json<AccountRow>().seenAt, sessions[0]?.seenAt)
  assert.doesNotMatch(JSON.stringify(sessions), /hfs_|hash/)
  const others = `/api/accounts/00000000000aa/sessions/${ada.session}/end`
  assert.equal((await post(stage, others, {}, eve.bearer)).statusCode, 403)
  assert.equal((await post(stage, `${url}/${ada.session}/end`, {}, ada.bearer)).statusCode, 404, 'of another account')
  assert.equal((await post(stage, `${url}/${eve.session}/end`, {}, ada.bearer)).statusCode, 200)
  assert.equal((await stage.app.inject({ url, headers: eve.bearer })).json().code, 'token-expired')
})

test('[SV76] accounts are made, changed and removed by administrators; no answer holds a hash', async () => {
  const stage = await withAccounts()
  const { bearer } = await signIn(stage)
  const made = await post(stage, '/api/accounts', { name: 'bob', roles: ['agent'], password: PASSWORD }, bearer)
  assert.equal(made.statusCode, 200, made.body)
  const { id } = made.json<{ id: string }>()
  const bad = [
    [{ name: 'bob', roles: [] }, 409, 'account-taken'],
    [{ name: 'Bob', roles: [] }, 400, 'malformed'],
    [{ name: 'carl', roles: ['root'] }, 400, 'malformed'],
    [{ name: 'carl', roles: [], password: 'carl' }, 422, 'password-weak'],
  ] as const
  for (const [payload, status, code] of bad) {
    const answer = await post(stage, '/api/accounts', payload, bearer)
    assert.deepEqual([answer.statusCode, answer.json().code], [status, code])
  }
  const bob = await signIn(stage, 'bob')
  await post(stage, `/api/accounts/${id}`, { roles: ['auditor'], displayName: 'Bob B.' }, bearer)
  assert.equal((await post(stage, '/api/session/token', {}, { cookie: bob.cookie })).statusCode, 401, 'other roles')
  const self = await post(stage, '/api/accounts/00000000000aa', { disabled: true }, bearer)
  assert.deepEqual([self.statusCode, self.json().code], [409, 'last-admin'])
  const listed = await stage.app.inject({ url: '/api/accounts', headers: bearer })
  assert.doesNotMatch(listed.body, /plain|hash/i)
  assert.deepEqual(
    listed.json<AccountsAnswer>().accounts.map(({ name, displayName, roles }) => [name, displayName, ...roles]),
    [
      ['ada', 'Ada', 'admin'],
      ['bob', 'Bob B.', 'auditor'],
      ['eve', 'Eve', 'agent'],
    ],
  )
  assert.equal((await post(stage, `/api/accounts/${id}/remove`, {}, bearer)).statusCode, 200)
  assert.equal((await post(stage, `/api/accounts/${id}/remove`, {}, bearer)).statusCode, 404)
})

test('[SV77] an API key is told once, opens what its scopes say, and nothing any more once it is revoked', async () => {
  const stage = await withAccounts()
  const { bearer } = await signIn(stage)
  const made = await post(stage, '/api/api-keys', { name: 'shop', scopes: ['tokens'], days: 30 }, bearer)
  const { key, id } = made.json<ApiKeyMadeAnswer>()
  assert.match(key, /^hfk_[\w-]{43}$/)
  const listed = await stage.app.inject({ url: '/api/api-keys', headers: bearer })
  assert.ok(!listed.body.includes(key) && !listed.body.includes('hash'))
  const withKey = { authorization: `Bearer ${key}` }
  assert.equal((await post(stage, '/api/conversations', {}, withKey)).statusCode, 201)
  assert.equal((await stage.app.inject({ url: '/api/cluster', headers: withKey })).statusCode, 403)
  const exchanged = await post(stage, '/api/tokens/refresh', { token: key })
  const { token } = exchanged.json<TokenAnswer>()
  assert.equal((await post(stage, '/api/conversations', {}, { authorization: `Bearer ${token}` })).statusCode, 201)
  assert.equal((await post(stage, `/api/api-keys/${id}/revoke`, {}, bearer)).statusCode, 200)
  for (const authorization of [`Bearer ${key}`, `Bearer ${token}`, 'Bearer hfk_guess'])
    assert.equal((await post(stage, '/api/conversations', {}, { authorization })).statusCode, 401)
  assert.equal((await post(stage, '/api/tokens/refresh', { token })).statusCode, 401)
})

test('[SV25] a token that the holder of a session or key gives away ends with it, and is renewed to no more', async () => {
  const stage = await withAccounts({ staffLifetimeMs: 86_400_000 })
  const { bearer, cookie } = await signIn(stage)
  const body = { kind: 'staff', name: 'Bob', scopes: ['conversations'], lifetimeMs: 2_592_000_000 }
  const given = (await post(stage, '/api/tokens', body, bearer)).json<TokenAnswer>()
  assert.ok(given.expiresAt - stage.clock.wallMs() <= 900_000, 'short, because it is watched')
  const renewed = (await post(stage, '/api/tokens/refresh', { token: given.token })).json<TokenAnswer>()
  const verdict = new PlainTokens().verify(renewed.token)
  assert.ok(verdict.kind === 'good' && verdict.claims.kind === 'staff')
  assert.deepEqual([verdict.claims.name, verdict.claims.scopes], ['Bob', ['conversations']])
  const url = '/api/accounts/00000000000aa'
  const headers = { authorization: `Bearer ${renewed.token}` }
  assert.equal((await stage.app.inject({ url, headers })).statusCode, 403, 'not the account of who gave it')
  await post(stage, '/api/session/end', {}, { cookie })
  assert.equal((await stage.app.inject({ url: '/api/kpi', headers })).statusCode, 401)
  const free = await post(stage, '/api/tokens', body, {
    authorization: `Bearer ${staffToken('tokens', 'conversations')}`,
  })
  assert.ok(free.json<TokenAnswer>().expiresAt - stage.clock.wallMs() > 86_400_000, 'what nobody can end lives long')
})

test('[SV78] the set-up link makes the first administrator and signs him in; where there is an account it is void', async () => {
  const stage = await httpStage()
  const link = (await stage.people.setUpLink('https://chat.example')) ?? ''
  assert.match(link, /^https:\/\/chat\.example\/set-up#link=hfl_[\w-]{43}$/)
  const [, secret = ''] = link.split('#link=')
  const body = { link: secret, name: 'root', displayName: 'Root', password: PASSWORD }
  // However often somebody else guesses, whoever has the link is let in.
  for (let guess = 1; guess <= 8; guess++) {
    const guessed = await post(stage, '/api/session/set-up', { ...body, link: `hfl_guess${guess}` })
    assert.equal(guessed.json().code, 'sign-in-failed')
  }
  assert.equal((await post(stage, '/api/session/set-up', { ...body, password: 'root' })).json().code, 'password-weak')
  const answer = await post(stage, '/api/session/set-up', body)
  assert.equal(answer.statusCode, 200, answer.body)
  assert.ok(answer.json<SessionAnswer>().scopes.includes('admin'))
  assert.match(String(answer.headers['set-cookie']), /^holdfast-session=hfs_/)
  assert.equal((await post(stage, '/api/session/set-up', { ...body, name: 'eve' })).json().code, 'sign-in-failed')
  assert.equal(await stage.people.setUpLink('https://chat.example'), undefined)
})

test('[SV79] what is done to accounts and keys is recorded once, without what is secret', async () => {
  const stage = await withAccounts()
  const { bearer } = await signIn(stage)
  await post(stage, '/api/accounts', { name: 'bob', roles: ['agent'], password: PASSWORD }, bearer)
  await post(stage, '/api/accounts', { name: 'bob', roles: ['agent'] }, bearer)
  await post(stage, '/api/accounts/00000000000ee', { disabled: true }, bearer)
  await post(stage, '/api/accounts/00000000000ee/password', { password: NEXT }, bearer)
  const made = await post(stage, '/api/api-keys', { name: 'shop', scopes: ['tokens'] }, bearer)
  const { key, id } = made.json<ApiKeyMadeAnswer>()
  await post(stage, `/api/api-keys/${id}/revoke`, {}, bearer)
  const answer = await stage.app.inject({ url: '/api/audit', headers: bearer })
  const entries = answer.json<AuditAnswer>().records.map(({ body }) => JSON.parse(body) as { act: string; on: string })
  assert.deepEqual(
    entries.map(({ act, on }) => `${act} ${on}`),
    [
      'account.create account/bob',
      'account.change account/eve',
      'account.password account/eve',
      'api-key.create api-key/shop',
      `api-key.revoke api-key/${id}`,
    ],
  )
  for (const secret of [PASSWORD, NEXT, key, 'hfs_']) assert.ok(!answer.body.includes(secret))
})
