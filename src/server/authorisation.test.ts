import assert from 'node:assert/strict'
import test from 'node:test'
import { rehearseChannel } from '../channels/channel-rehearsal.ts'
import type { ClientFrame } from '../protocol/client-frames.ts'
import type { Claims } from '../protocol/tokens.ts'
import { type CallerProps, callersOn, PASSWORD } from './callers-stage.ts'
import { type HttpStage, httpStage, OTHER, OWN, PlainTokens, visitorToken } from './http-stage.ts'
import { CALLERS, type Caller, FRAMES, PERMISSIONS, ROUTES } from './permissions.ts'

const TARGETS = ['own', 'other', 'none'] as const
type Target = (typeof TARGETS)[number]

/** A conversation and an account that nobody has. */
const NONE = '0000000000009'
/** Codes by which somebody is kept out; others are answers to somebody who was let in. */
const KEPT_OUT = ['token-missing', 'token-invalid', 'token-expired', 'session-ended', 'not-allowed']

const BODIES: Readonly<Record<string, object>> = {
  '/api/session': { name: 'nobody', password: PASSWORD },
  '/api/session/set-up': { link: 'hfl_x', name: 'eve', password: PASSWORD },
  '/api/set-up/address': { publicUrl: 'http://127.0.0.1:1' },
  '/api/set-up/certificate': { balancer: true },
  '/api/set-up/mail': { server: 'smtp://127.0.0.1:1', from: 'a@example.com', to: 'b@example.com', dryRun: true },
  '/api/set-up/skip': { step: 'mail' },
  '/api/conversations': { key: 'k' },
  '/api/conversations/:id/messages': { key: 'k', text: 'hello' },
  '/api/tokens/refresh': { token: visitorToken(OWN) },
  '/api/cluster/nodes/:name/move': { conversation: OWN, to: 'n2' },
  '/api/accounts': { name: 'new', roles: ['agent'] },
  '/api/accounts/:id': { displayName: 'Another' },
  '/api/accounts/:id/password': { password: 'another long password', current: PASSWORD },
  '/api/api-keys': { name: 'shop', scopes: ['tokens'] },
  '/api/config/changes': { key: 'k', reason: 'r', documents: [{ name: 'branding', text: '{}' }] },
  '/api/config/rollback': { key: 'k', reason: 'r', to: 0 },
  '/api/secrets/:name': { text: 'a secret' },
  '/api/alarms/:episode/close': { reason: 'r' },
  '/api/alarms/silences': { key: 'k', forMs: 60_000, reason: 'r' },
  '/api/outbox/replay': { id: 'transcript:1' },
  '/api/outbox/drop': { id: 'transcript:1' },
}

test('[SV20] every route that is served is in the table of permissions, and every line of it is served', async () => {
  const { app } = await httpStage()
  // The tree prints a path that ends in a star without its parts that are no route, and without the slash.
  const starred = Object.keys(ROUTES).filter((route) => route.endsWith('/*'))
  for (const route of starred) assert.ok(app.hasRoute({ method: 'GET', url: route.replace('GET ', '') }), route)
  assert.ok(!app.hasRoute({ method: 'GET', url: '/*' }))
  const routes = routesOf(app.printRoutes({ commonPrefix: false }))
  const printed = (route: string) => {
    if (!starred.includes(route)) return route
    return route.startsWith('GET /console/') ? 'GET /console*' : 'GET /*'
  }
  assert.deepEqual(routes.sort(), [...new Set(Object.keys(ROUTES).map(printed))].sort())
})

test('[SV20] every route lets in whom the table says and nobody else, for own things, for others’, and for none', async (t) => {
  for (const [route, access] of Object.entries(ROUTES))
    await t.test(route, async () => {
      for (const caller of CALLERS)
        for (const target of targetsOf(route)) {
          // Each on a stage of its own where it would change who may come in.
          const stage = changesPeople(route) ? await httpStage() : await stageOf(route)
          const callers = await callersOf(stage)
          const { statusCode, code, body } = await ask(stage, route, target, callers, caller)
          const may = PERMISSIONS[access][caller]
          const keptOut = (statusCode === 401 || statusCode === 403) && KEPT_OUT.includes(code)
          const expected = may === 'yes' || (may === 'own' && target === 'own')
          assert.equal(!keptOut, expected, `${caller}, ${target}: ${statusCode} ${body}`)
          if (!keptOut) assert.ok(statusCode < 500 || !route.includes('/api/'), `${caller}, ${target}: ${body}`)
          else if (caller === 'nobody') assert.equal(statusCode, 401)
        }
      await closeStages()
    })
})

test('[SV73] the auditor reads everything administrative and changes nothing', () => {
  for (const [route, access] of Object.entries(ROUTES)) {
    if (route.startsWith('GET ')) assert.notEqual(access, 'admin', `${route} is read by auditors, too`)
    else assert.notEqual(access, 'audit', `${route} changes something`)
  }
  assert.equal(PERMISSIONS.audit.auditor, 'yes')
  for (const access of ['admin', 'tokens', 'conversations', 'conversation', 'giver'] as const)
    assert.equal(PERMISSIONS[access].auditor, 'no')
})

test('[SV20] every frame is taken from whom the table says and from nobody else', async (t) => {
  for (const type of Object.keys(FRAMES) as ClientFrame['type'][])
    await t.test(type, async () => {
      const callers = await callersOf(await stageOf('frames'))
      for (const caller of CALLERS)
        for (const conversation of [OWN, OTHER, NONE]) {
          const may = PERMISSIONS[FRAMES[type]][caller]
          const expected = may === 'yes' || (may === 'own' && conversation === OWN)
          const taken = await isTaken(type, conversation, claimsOfCaller(callers, caller))
          assert.equal(taken, expected, `${caller} with ${conversation}`)
        }
      await closeStages()
    })
})

const stages = new Map<string, { stage: HttpStage; callers?: Readonly<Record<Caller, CallerProps>> }>()

async function stageOf(route: string): Promise<HttpStage> {
  const known = stages.get(route)
  if (known) return known.stage
  const stage = await httpStage()
  stages.set(route, { stage })
  return stage
}

async function callersOf(stage: HttpStage): Promise<Readonly<Record<Caller, CallerProps>>> {
  const kept = [...stages.values()].find((each) => each.stage === stage)
  if (kept?.callers) return kept.callers
  const callers = await callersOn(stage, OWN)
  if (kept) kept.callers = callers
  return callers
}

async function closeStages(): Promise<void> {
  for (const { stage } of stages.values()) await stage.app.close()
  stages.clear()
}

function changesPeople(route: string): boolean {
  return route.startsWith('POST /api/accounts') || route === 'POST /api/session/end' || route.includes('revoke')
}

/** Whether what the path names can be somebody's own. */
function targetsOf(route: string): readonly Target[] {
  return route.includes('/:id') ? TARGETS : ['none']
}

async function ask(
  { app }: HttpStage,
  route: string,
  target: Target,
  callers: Readonly<Record<Caller, CallerProps>>,
  caller: Caller,
) {
  const [method = '', path = ''] = route.split(' ')
  const { id, session } = namedBy(path, target, callers, caller)
  const url = path
    .replace(':id', id)
    .replace(':session', session)
    .replace(':name', path.includes('nodes') ? 'n1' : 'mail-password')
    .replace(':act', 'kill')
    .replace(':token', 'x')
    .replace('*', 'x.js')
  const query = path === '/api/config/document' ? '?name=branding' : ''
  const answer = await app.inject({
    method: method as 'GET' | 'POST',
    url: url + query,
    headers: { ...callers[caller].headers },
    ...(method === 'POST' && { payload: BODIES[path] ?? {} }),
  })
  return { ...answer, statusCode: answer.statusCode, body: answer.body, code: codeIn(answer.body) }
}

function namedBy(path: string, target: Target, callers: Readonly<Record<Caller, CallerProps>>, caller: Caller) {
  if (path.startsWith('/api/conversations'))
    return { id: { own: OWN, other: OTHER, none: NONE }[target], session: NONE }
  const other = caller === 'agent' ? callers.supervisor : callers.agent
  const named = { own: callers[caller], other, none: undefined }[target]
  return { id: named?.account ?? NONE, session: named?.session ?? NONE }
}

function codeIn(body: string): string {
  try {
    return String((JSON.parse(body) as { code?: unknown }).code)
  } catch {
    return ''
  }
}

function claimsOfCaller(callers: Readonly<Record<Caller, CallerProps>>, caller: Caller): Claims | undefined {
  const visitor = new PlainTokens().verify(visitorToken(OWN))
  if (caller === 'visitor') return visitor.kind === 'good' ? visitor.claims : undefined
  return callers[caller].claims
}

/** Sends a frame to a real channel, after what must go before it, and looks what became of it. */
async function isTaken(type: ClientFrame['type'], conversation: string, claims: Claims | undefined): Promise<boolean> {
  const { conversations, dial, clock } = rehearseChannel()
  for (const known of [OWN, OTHER]) conversations.append(known)
  const client = dial()
  const token = claims ? JSON.stringify(claims) : 'forged'
  client.says({ type: 'hello', token, versions: [1], instance: 'i', connection: 1, resume: [] })
  await clock.advance(1)
  if (type !== 'hello' && client.closedWith === undefined) {
    if (type === 'typing' || type === 'seen') client.says({ type: 'attach', conversation, after: 0 })
    await clock.advance(1)
    client.frames.length = 0
    client.says(frameOf(type, conversation, token))
    await clock.advance(1)
  }
  if (client.closedWith !== undefined || client.got('refused').some(({ code }) => code === 'not-allowed')) return false
  if (type === 'typing' || type === 'seen') return conversations.signals.length > 0
  if (type === 'send') return conversations.submitted.some(({ key }) => key === 'k')
  return true
}

function frameOf(type: ClientFrame['type'], conversation: string, token: string): object {
  const frames: Readonly<Record<ClientFrame['type'], object>> = {
    hello: {},
    attach: { conversation, after: 0 },
    detach: { conversation },
    send: { conversation, key: 'k', n: 1, floor: 1, body: { type: 'message', format: 'text', text: 'x' } },
    typing: { conversation, on: true },
    seen: { conversation, seq: 1 },
    refresh: { token },
    ping: {},
    pong: {},
  }
  return { type, ...frames[type] }
}

function routesOf(tree: string): string[] {
  const stack: string[] = []
  return tree.split('\n').flatMap((line) => {
    const match = /^([\s│]*)[├└]── (.*?)(?: \(([A-Z, ]+)\))?$/.exec(line)
    if (!match) return []
    const [, indent = '', part = '', methods = ''] = match
    stack.length = indent.length / 4
    stack.push(part)
    const path = stack.join('')
    return methods
      .split(', ')
      .filter((method) => method !== 'HEAD' && method !== '')
      .map((method) => `${method} ${path}`)
  })
}
