import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import test, { after, before } from 'node:test'
import type { AccountsAnswer, SessionAnswer, SignInAnswer } from '../protocol/account-answers.ts'
import { type HttpStage, httpStage, staffToken } from './http-stage.ts'

// A real provider in this process, asked by HTTP as a browser would: redirects are followed, cookies kept, forms sent.
const OURS = 'http://e1.example'
const SECRET = 'the secret of the client'
const admin = { authorization: `Bearer ${staffToken('admin')}` }

/** What the provider tells of each person; tests change it. */
const people = new Map<string, object>()
let server: Server
let issuer: string

before(async () => {
  server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  issuer = `http://localhost:${(server.address() as AddressInfo).port}`
  // It comes without types.
  const { default: Provider } = await import('oidc-provider' as string)
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'holdfast', client_secret: SECRET, redirect_uris: [`${OURS}/api/session/provider/return`] }],
    clientAuthMethods: ['client_secret_post', 'client_secret_basic'],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'groups'], email: ['email'] },
    findAccount: async (_context: unknown, id: string) => ({
      accountId: id,
      claims: async () => ({ sub: id, ...people.get(id) }),
    }),
    pkce: { required: () => true },
    cookies: { keys: ['a key of the test'] },
  })
  server.on('request', provider.callback())
})
after(() => {
  server.close()
  server.closeAllConnections()
})

async function stageWithProvider(secret = SECRET, rules: object = {}): Promise<HttpStage> {
  const stage = await httpStage()
  const document = {
    issuer,
    clientId: 'holdfast',
    title: 'House key',
    agentGroups: 'service',
    adminGroups: 'root',
    auditorGroups: 'books',
    ...rules,
  }
  const changed = await stage.app.inject({
    method: 'POST',
    url: '/api/config/changes',
    headers: admin,
    payload: { key: 'k', reason: 'r', documents: [{ name: 'sign-in', text: JSON.stringify(document) }] },
  })
  assert.equal(changed.statusCode, 200, changed.body)
  const url = '/api/secrets/sign-in-client'
  await stage.app.inject({ method: 'POST', url, headers: admin, payload: { text: secret } })
  return stage
}

/** A browser, as far as this needs one. */
class Browser {
  readonly #stage: HttpStage
  #cookies: { readonly host: string; readonly name: string; readonly value: string; readonly path: string }[] = []

  constructor(stage: HttpStage) {
    this.#stage = stage
  }

  /** Follows redirects from an address to the first answer that is none, filling the forms of the provider. */
  async visit(address: string, person: string): Promise<{ url: URL; status: number; body: string }> {
    let [url, form]: [URL, string | undefined] = [new URL(address, OURS), undefined]
    for (let step = 0; step < 20; step++) {
      const { status, location, body } = await this.ask(url, form)
      form = undefined
      if (location !== undefined) url = new URL(location, url)
      else if (url.origin === issuer && status === 200)
        form = `prompt=${/name="prompt" value="(\w+)"/.exec(body)?.[1]}&login=${person}&password=x`
      else return { url, status, body }
      // Our pages are not what this is about.
      if (url.pathname === '/agent' || url.pathname.startsWith('/console')) return { url, status: 200, body: '' }
    }
    throw new Error('It goes round in circles.')
  }

  async ask(url: URL, form?: string): Promise<{ status: number; location?: string; body: string }> {
    const cookie = this.#cookies
      .filter(({ host, path }) => host === url.host && url.pathname.startsWith(path))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ')
    const headers = { cookie, ...(form && { 'content-type': 'application/x-www-form-urlencoded' }) }
    const answer = url.origin === OURS ? await this.#ours(url, headers) : await theirs(url, headers, form)
    for (const header of answer.cookies) this.#keep(url.host, header)
    return answer
  }

  /** What a page of ours does when it is shown. */
  async token(): Promise<SessionAnswer> {
    const cookie = this.#cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
    const answer = await this.#stage.app.inject({ method: 'POST', url: '/api/session/token', headers: { cookie } })
    return answer.json<SessionAnswer>()
  }

  async #ours(url: URL, headers: Record<string, string>) {
    const answer = await this.#stage.app.inject({ url: url.pathname + url.search, headers })
    const location = answer.headers.location
    const cookies = [answer.headers['set-cookie'] ?? []].flat()
    return { status: answer.statusCode, ...(location !== undefined && { location }), body: answer.body, cookies }
  }

  #keep(host: string, header: string): void {
    const [pair = '', ...attributes] = header.split(';').map((part) => part.trim())
    const [name = '', value = ''] = pair.split(/=(.*)/)
    const path = attributes.find((part) => /^path=/i.test(part))?.slice(5) ?? '/'
    this.#cookies = this.#cookies.filter((each) => each.host !== host || each.name !== name || each.path !== path)
    if (value !== '') this.#cookies.push({ host, name, value, path })
  }
}

async function theirs(url: URL, headers: Record<string, string>, form: string | undefined) {
  const answer = await fetch(url, { headers, redirect: 'manual', ...(form && { method: 'POST', body: form }) })
  const location = answer.headers.get('location') ?? undefined
  const cookies = answer.headers.getSetCookie()
  return { status: answer.status, ...(location !== undefined && { location }), body: await answer.text(), cookies }
}

test('[SV83] whom the provider vouches for comes in with the roles of his groups, and is the same the next time', async () => {
  const stage = await stageWithProvider()
  const ways = await stage.app.inject({ url: '/api/sign-in' })
  const { provider } = ways.json<SignInAnswer>()
  assert.deepEqual(provider, { title: 'House key', path: '/api/session/provider' })
  people.set('7', { preferred_username: 'Ada', name: 'Ada B.', groups: ['service', 'others'] })
  const first = new Browser(stage)
  const wanted = '/console/configuration/queue/a%2Fb?at=3'
  const arrived = await first.visit(`${provider?.path}?to=${encodeURIComponent(wanted)}`, '7')
  assert.equal(arrived.url.href, OURS + wanted)
  const { name, scopes, subject } = await first.token()
  assert.deepEqual([name, scopes], ['Ada B.', ['conversations']])
  people.set('7', { preferred_username: 'Renamed', name: 'Ada B.', groups: ['root'] })
  const second = new Browser(stage)
  await second.visit('/api/session/provider?to=https://evil.example/', '7')
  const now = await second.token()
  assert.deepEqual([now.subject, now.scopes.includes('admin')], [subject, true])
  assert.equal(((await first.token()) as unknown as { code: string }).code, 'session-ended', 'with other roles')
})

test('[AN8] the browser is sent with PKCE, state and nonce, and is led to no page but ours', async () => {
  const stage = await stageWithProvider()
  const { location = '' } = await new Browser(stage).ask(new URL('/api/session/provider', OURS))
  const asked = new URL(location).searchParams
  assert.equal(asked.get('code_challenge_method'), 'S256')
  assert.equal(asked.get('redirect_uri'), `${OURS}/api/session/provider/return`)
  for (const name of ['state', 'nonce', 'code_challenge']) assert.match(asked.get(name) ?? '', /^[\w-]{43}$/, name)
  people.set('7', { preferred_username: 'ada', groups: ['service'] })
  const arrived = await new Browser(stage).visit('/api/session/provider?to=//evil.example', '7')
  assert.equal(arrived.url.href, `${OURS}/agent`)
  people.set('11', { preferred_username: 'audrey', groups: ['books'] })
  const auditor = await new Browser(stage).visit('/api/session/provider?to=//evil.example', '11')
  assert.equal(auditor.url.href, `${OURS}/console`, 'the desk is not for auditors')
})

test('[AN8] an answer of the provider counts once, and only for the browser that went there', async () => {
  const stage = await stageWithProvider()
  people.set('7', { preferred_username: 'ada', groups: ['service'] })
  const back = async (browser: Browser): Promise<URL> => {
    let url = new URL('/api/session/provider', OURS)
    let form: string | undefined
    for (;;) {
      const { location, body } = await browser.ask(url, form)
      form = undefined
      if (location === undefined) form = `prompt=${/name="prompt" value="(\w+)"/.exec(body)?.[1]}&login=7&password=x`
      else url = new URL(location, url)
      if (url.pathname.endsWith('/return')) return url
    }
  }
  const [browser, another] = [new Browser(stage), new Browser(stage)]
  const [answer, foreign] = [await back(browser), await back(another)]
  const refused = async (which: Browser, url: URL) => {
    const { status, body } = await which.ask(url)
    return status === 401 && JSON.parse(body).code === 'sign-in-failed'
  }
  assert.ok(await refused(new Browser(stage), answer), 'no cookie')
  assert.ok(await refused(browser, foreign), 'the answer to another browser')
  const again = new Browser(stage)
  const good = await back(again)
  assert.equal((await again.ask(good)).status, 302)
  assert.ok(await refused(again, good), 'the same answer again')
  const stateless = new Browser(stage)
  const other = await back(stateless)
  other.searchParams.set('state', 'guess')
  assert.ok(await refused(stateless, other), 'a good code with another state')
  const tampered = new Browser(stage)
  const changed = await back(tampered)
  changed.searchParams.set('code', 'guess')
  assert.ok(await refused(tampered, changed), 'a code that is none')
})

test('[SV83] whoever has no role here stays outside, and loses the one that he had', async () => {
  const stage = await stageWithProvider()
  people.set('8', { preferred_username: 'bob', groups: ['others'] })
  const outside = await new Browser(stage).visit('/api/session/provider', '8')
  assert.deepEqual([outside.status, JSON.parse(outside.body).code], [403, 'not-allowed'])
  people.set('8', { preferred_username: 'bob', groups: ['service'] })
  const inside = new Browser(stage)
  await inside.visit('/api/session/provider', '8')
  assert.equal((await inside.token()).name, 'bob')
  people.set('8', { preferred_username: 'bob', groups: [] })
  assert.equal((await new Browser(stage).visit('/api/session/provider', '8')).status, 403)
  assert.equal(((await inside.token()) as unknown as { code: string }).code, 'session-ended')
})

test('[SV83] a name that is taken here is somebody else’s, whatever the provider says', async () => {
  const stage = await stageWithProvider()
  const passwordHash = await stage.people.passwords.hash('correct horse battery')
  const local = { id: '00000000000aa', name: 'ada', displayName: 'Local', roles: ['admin'], passwordHash } as const
  await stage.people.store.createAccount(local)
  people.set('9', { preferred_username: 'ada', groups: ['service'] })
  await new Browser(stage).visit('/api/session/provider', '9')
  const listed = await stage.app.inject({ url: '/api/accounts', headers: admin })
  assert.deepEqual(
    listed
      .json<AccountsAnswer>()
      .accounts.map(({ name, roles, provider, password }) => [name, roles[0], provider, password]),
    [
      ['ada', 'admin', false, true],
      ['ada-2', 'agent', true, false],
    ],
  )
})

test('a provider that does not know Holdfast, or is not there, lets nobody in and says so', async () => {
  const stage = await stageWithProvider('another secret')
  people.set('7', { preferred_username: 'ada', groups: ['service'] })
  const { status, body } = await new Browser(stage).visit('/api/session/provider', '7')
  assert.deepEqual([status, JSON.parse(body).message], [401, 'The sign-in provider did not vouch for you.'])
  const gone = await stageWithProvider(SECRET, { issuer: 'http://localhost:1' })
  const answer = await gone.app.inject({ url: '/api/session/provider' })
  assert.deepEqual([answer.statusCode, answer.json().message], [401, 'The sign-in provider does not answer.'])
})
