import assert from 'node:assert/strict'
import test from 'node:test'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import type { Claims, StaffClaims, Tokens } from '../protocol/tokens.ts'
import { StoreUnavailable } from '../store/log-store.ts'
import { MemoryAccountStore } from '../store/memory-account-store.ts'
import { EndedGrants, GRANT_TOKEN_MS, tokensThatEnd } from './ended-grants.ts'
import { Grants } from './grants.ts'
import { secretTexts as texts } from './secret-text-node.ts'

const HOUR_MS = 3_600_000

/** Tokens whose signature is never in question. */
const PLAIN: Tokens = {
  verify: (token) => ({ kind: 'good', claims: JSON.parse(token) as Claims, expiresAtMs: 1 }),
  issue: (claims) => JSON.stringify(claims),
  refreshKeys: async () => true,
}

async function stage() {
  const clock = new ManualClock()
  const store = new MemoryAccountStore(() => clock.wallMs())
  const grants = new Grants({ store, texts, wallMs: () => clock.wallMs() })
  await store.createAccount({ id: 'a1', name: 'ada', displayName: 'Ada', roles: ['admin', 'auditor'] })
  await store.createAccount({ id: 'a2', name: 'root', displayName: 'Root', roles: ['admin'] })
  const { text, hash } = texts.make('hfs_')
  const session = { id: 's1', hash, account: 'a1', via: 'password', address: '', browser: '' } as const
  await store.openSession({ ...session, lifetimeMs: 8 * HOUR_MS, idleMs: 8 * HOUR_MS })
  const ended = new EndedGrants({ clock, log: silentLog, store })
  const claims = (await grants.ofCookie(text)) as StaffClaims
  return { clock, store, grants, ended, tokens: tokensThatEnd(PLAIN, ended), claims, secret: text }
}

test('[AN5] a session gives the claims of its account, and nothing once it is over', async () => {
  const { clock, store, grants, claims, secret } = await stage()
  assert.deepEqual(claims, {
    kind: 'staff',
    subject: 'a1',
    name: 'Ada',
    role: 'supervisor',
    scopes: ['conversations', 'tokens', 'audit', 'admin'],
    grant: { kind: 'session', id: 's1', account: 'a1', endsAt: clock.wallMs() + 8 * HOUR_MS },
  })
  assert.equal((await grants.ofCookie('hfs_guess')).kind, 'refused')
  await store.endSession('a1', 's1')
  for (const outcome of [await grants.ofCookie(secret), await grants.renewed(claims)])
    assert.equal(outcome.kind === 'refused' && outcome.code, 'session-ended')
})

test('[AN5] the tokens of an ended session and of a revoked key are refused within two seconds, and while they live', async () => {
  const { clock, store, ended, tokens, claims, grants } = await stage()
  const key = texts.make('hfk_')
  await store.createApiKey({ id: 'k1', hash: key.hash, name: 'shop', scopes: ['tokens'], madeBy: 'Ada' })
  const ofKey = (await grants.ofApiKey(key.text)) as StaffClaims
  await ended.start()
  const held = [claims, ofKey].map((each) => tokens.issue(each, GRANT_TOKEN_MS))
  const kinds = () => held.map((token) => tokens.verify(token).kind)
  assert.deepEqual(kinds(), ['good', 'good'])
  await store.endSession('a1', 's1')
  await store.revokeApiKey('k1')
  await clock.advance(2000)
  assert.deepEqual(kinds(), ['bad', 'bad'])
  assert.equal(tokens.ended?.(claims), true)
  await clock.advance(GRANT_TOKEN_MS)
  assert.deepEqual(kinds(), ['bad', 'bad'], 'for as long as a token of it may live')
  const visitor: Claims = { kind: 'visitor', subject: 's1', name: '', conversation: 'c', system: '' }
  assert.equal(tokens.verify(tokens.issue(visitor, 1)).kind, 'good')
  ended.stop()
  assert.equal(clock.pending, 0)
})

test('[AN6] renewed, a token never gives more than before, nor more than its account may now', async () => {
  const { store, grants, claims } = await stage()
  const given: StaffClaims = {
    ...claims,
    subject: 'somebody',
    name: 'Somebody',
    role: 'agent',
    scopes: ['conversations'],
  }
  assert.deepEqual(await grants.renewed(given), given)
  assert.deepEqual(await grants.renewed(claims), claims)
  const { hash } = texts.make('hfs_')
  await store.openSession({ ...sessionOf('s2', hash), account: 'a2' })
  const root = (await grants.ofSession({ id: 's2' })) as StaffClaims
  await store.changeAccount('a2', { roles: ['auditor'] }, 's2')
  const renewed = await grants.renewed(root)
  assert.deepEqual(renewed.kind === 'staff' && renewed.scopes, ['audit'])
  const bare: StaffClaims = { kind: 'staff', subject: 'operator', name: 'O', role: 'supervisor', scopes: ['admin'] }
  assert.deepEqual(await grants.renewed(bare), bare, 'what the secret of the cluster signed needs nobody')
})

test('[AN7] while the store is away tokens are renewed until the end of their session, and ended ones stay ended', async () => {
  const { clock, store, ended, tokens, claims } = await stage()
  let away = false
  const failing = new Proxy(store, {
    get(target, name: keyof MemoryAccountStore) {
      const method = target[name] as (...given: unknown[]) => Promise<unknown>
      return async (...given: unknown[]) => {
        if (away) throw new StoreUnavailable('away')
        return method.apply(target, given)
      }
    },
  })
  const grants = new Grants({ store: failing, texts, wallMs: () => clock.wallMs() })
  const watching = new EndedGrants({ clock, log: silentLog, store: failing })
  const watched = tokensThatEnd(PLAIN, watching)
  await store.openSession(sessionOf('s2', 'h2'))
  await store.endSession('a1', 's2')
  await watching.start()
  away = true
  await clock.advance(60_000)
  watching.stop()
  await clock.advance(HOUR_MS)
  const ofEnded = { ...claims, grant: { kind: 'session', id: 's2' } } as const
  assert.equal(watched.verify(JSON.stringify(ofEnded)).kind, 'bad')
  assert.deepEqual(await grants.renewed(claims), claims)
  await clock.advance(7 * HOUR_MS)
  const late = await grants.renewed(claims)
  assert.equal(late.kind === 'refused' && late.code, 'session-ended')
  await assert.rejects(grants.ofApiKey('hfk_x'), StoreUnavailable)
  assert.equal(ended.has(claims), false)
  assert.equal(tokens.ended?.(claims), false)
})

function sessionOf(id: string, hash: string) {
  const life = { lifetimeMs: HOUR_MS, idleMs: HOUR_MS }
  return { id, hash, account: 'a1', via: 'password', address: '', browser: '', ...life } as const
}
