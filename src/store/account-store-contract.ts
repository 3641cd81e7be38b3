import assert from 'node:assert/strict'
import test from 'node:test'
import type { AccountDraft, AccountStore, SessionDraft } from './account-store.ts'

export interface AccountStoreStage {
  readonly store: AccountStore
  /** Lets time pass for the store. */
  pass(ms: number): Promise<void>
}

function draft(name: string, more: Partial<AccountDraft> = {}): AccountDraft {
  return { id: `id-${name}`, name, displayName: name.toUpperCase(), roles: ['agent'], ...more }
}

function sessionDraft(id: string, account: string, more: Partial<SessionDraft> = {}): SessionDraft {
  const [hash, via] = [`hash-${id}`, 'password' as const]
  return { id, hash, account, via, address: '192.0.2.1', browser: 'B', lifetimeMs: 60_000, idleMs: 30_000, ...more }
}

/** What every store of accounts must do. `stage` makes a fresh one. */
export function testAccountStore(kind: string, stage: () => Promise<AccountStoreStage>): void {
  test(`${kind}: [SE40] a name and an identity stand for one account, and an account that is sent again is the same`, async () => {
    const { store } = await stage()
    const ada = draft('ada', { identity: 'https://issuer 7', passwordHash: 'h', roles: ['admin', 'auditor'] })
    assert.deepEqual(await store.createAccount(ada), { kind: 'created' })
    assert.deepEqual(await store.createAccount(ada), { kind: 'created' })
    assert.deepEqual(await store.createAccount(draft('ada', { id: 'other' })), { kind: 'taken' })
    assert.deepEqual(await store.createAccount(draft('eve', { identity: 'https://issuer 7' })), { kind: 'taken' })
    assert.deepEqual(await store.createAccount(draft('bob')), { kind: 'created' })
    const { madeAt, ...found } = (await store.account({ name: 'ada' })) ?? assert.fail()
    assert.ok(madeAt > 0)
    assert.deepEqual(found, { ...ada, disabled: false })
    assert.equal((await store.account({ identity: 'https://issuer 7' }))?.id, ada.id)
    assert.equal((await store.account({ id: 'id-bob' }))?.passwordHash, undefined)
    assert.equal(await store.account({ name: 'nobody' }), undefined)
    assert.deepEqual(
      (await store.accounts()).map(({ name }) => name),
      ['ada', 'bob'],
    )
  })

  test(`${kind}: [SE41] somebody who may change accounts is always left, however many change at once`, async () => {
    const { store } = await stage()
    for (const name of ['ada', 'bob']) await store.createAccount(draft(name, { roles: ['admin'] }))
    const outcomes = await Promise.all([
      store.changeAccount('id-ada', { roles: ['agent'] }),
      store.changeAccount('id-bob', { disabled: true }),
    ])
    assert.deepEqual(outcomes.map(({ kind }) => kind).sort(), ['changed', 'last-admin'])
    const left = (await store.accounts()).find(({ roles, disabled }) => roles.includes('admin') && !disabled)
    assert.deepEqual(await store.removeAccount(left?.id ?? ''), { kind: 'last-admin' })
    assert.deepEqual(await store.changeAccount('nobody', {}), { kind: 'unknown' })
    assert.deepEqual(await store.removeAccount('nobody'), { kind: 'unknown' })
    const other = (await store.accounts()).find(({ id }) => id !== left?.id)
    assert.deepEqual(await store.removeAccount(other?.id ?? ''), { kind: 'changed' })
  })

  test(`${kind}: [SE42] a session ends when it is told to, when it was not used, and when its time is over`, async () => {
    const { store, pass } = await stage()
    await store.createAccount(draft('ada'))
    for (const id of ['s1', 's2', 's3']) await store.openSession(sessionDraft(id, 'id-ada'))
    const used = await store.touchSession({ hash: 'hash-s1' })
    assert.equal(used?.account.name, 'ada')
    assert.equal(used?.session.id, 's1')
    assert.equal(used && 'hash' in used.session, false)
    assert.equal(await store.touchSession({ hash: 's1' }), undefined, 'its name opens nothing')
    assert.equal(await store.endSession('id-eve', 's1'), false)
    assert.equal(await store.endSession('id-ada', 's1'), true)
    assert.equal(await store.endSession('id-ada', 's1'), false)
    assert.equal(await store.touchSession({ id: 's1' }), undefined)
    await pass(20_000)
    assert.ok(await store.touchSession({ id: 's2' }))
    await pass(20_000)
    assert.equal(await store.touchSession({ id: 's3' }), undefined, 'nobody used it')
    assert.deepEqual(
      (await store.sessions('id-ada')).map(({ id }) => id),
      ['s2'],
    )
    assert.ok(await store.touchSession({ id: 's2' }))
    await pass(20_001)
    assert.equal(await store.touchSession({ id: 's2' }), undefined, 'its time is over')
  })

  test(`${kind}: [SE43] a change of roles, password or access ends the sessions, but for one that is to stay`, async () => {
    const { store } = await stage()
    await store.createAccount(draft('ada'))
    const good = async () => (await store.sessions('id-ada')).map(({ id }) => id).sort()
    for (const id of ['s1', 's2', 's3']) await store.openSession(sessionDraft(id, 'id-ada'))
    await store.changeAccount('id-ada', { displayName: 'Ada' })
    await store.changeAccount('id-ada', { passwordHash: 'old' }, 's2')
    assert.deepEqual(await good(), ['s2'])
    for (const id of ['s4', 's5']) await store.openSession(sessionDraft(id, 'id-ada'))
    await store.renewPasswordHash('id-ada', 'never', 'worse')
    await store.renewPasswordHash('id-ada', 'old', 'better')
    assert.equal((await store.account({ id: 'id-ada' }))?.passwordHash, 'better')
    assert.deepEqual(await good(), ['s2', 's4', 's5'])
    await store.changeAccount('id-ada', { passwordHash: 'new' }, 's2')
    assert.deepEqual(await good(), ['s2'])
    assert.equal((await store.account({ id: 'id-ada' }))?.passwordHash, 'new')
    await store.changeAccount('id-ada', { roles: ['agent', 'auditor'] })
    assert.deepEqual(await good(), [])
    assert.deepEqual(await store.endedLately(60_000), ['s1', 's2', 's3', 's4', 's5'])
    await store.openSession(sessionDraft('s6', 'id-ada'))
    await store.changeAccount('id-ada', { disabled: true })
    await store.changeAccount('id-ada', { disabled: false })
    assert.deepEqual(await good(), [])
    await store.openSession(sessionDraft('s7', 'id-ada'))
    await store.removeAccount('id-ada')
    assert.equal(await store.touchSession({ id: 's7' }), undefined)
    assert.ok((await store.endedLately(60_000)).includes('s7'))
  })

  test(`${kind}: [SE47] it is known when an account was last seen, also when its sessions are gone`, async () => {
    const { store, pass } = await stage()
    for (const name of ['ada', 'eve']) await store.createAccount(draft(name))
    const seenAt = async (id: string) => (await store.account({ id }))?.seenAt
    assert.equal(await seenAt('id-ada'), undefined)
    await store.openSession(sessionDraft('s1', 'id-ada'))
    const first = (await seenAt('id-ada')) ?? assert.fail()
    await pass(10)
    const used = (await store.touchSession({ id: 's1' })) ?? assert.fail()
    assert.equal(used.account.seenAt, used.session.seenAt)
    assert.ok(used.session.seenAt >= first)
    await store.endSession('id-ada', 's1')
    assert.equal(await store.touchSession({ id: 's1' }), undefined)
    assert.equal(await seenAt('id-ada'), used.session.seenAt)
    assert.deepEqual(
      (await store.accounts()).map((account) => account.seenAt),
      [used.session.seenAt, undefined],
    )
    await store.removeAccount('id-ada')
    await store.createAccount(draft('ada'))
    assert.equal(await seenAt('id-ada'), undefined)
  })

  test(`${kind}: [SE44] a link makes the first account, once, and none once there is one`, async () => {
    const { store, pass } = await stage()
    const root = draft('root', { roles: ['admin'] })
    assert.deepEqual(await store.setUp('one', root), { kind: 'refused' })
    assert.equal(await store.offerSetUp('one', 10_000), true)
    assert.deepEqual([await store.setUpIsOffered('one'), await store.setUpIsOffered('guess')], [true, false])
    await pass(10_001)
    assert.equal(await store.setUpIsOffered('one'), false)
    assert.deepEqual(await store.setUp('one', root), { kind: 'refused' }, 'a link has an end')
    for (const link of ['one', 'two']) assert.equal(await store.offerSetUp(link, 10_000), true)
    assert.deepEqual(await store.setUp('guess', root), { kind: 'refused' })
    const outcomes = await Promise.all([
      store.setUp('one', root),
      store.setUp('two', draft('eve', { roles: ['admin'] })),
    ])
    assert.deepEqual(outcomes.map(({ kind }) => kind).sort(), ['created', 'refused'])
    assert.equal((await store.accounts()).length, 1)
    assert.equal(await store.offerSetUp('three', 10_000), false)
    for (const link of ['one', 'two']) assert.equal(await store.setUpIsOffered(link), false)
  })

  test(`${kind}: [SE45] a key is found by its hash while it is good, and remembers when it was used`, async () => {
    const { store, pass } = await stage()
    const key = { id: 'k1', hash: 'h1', name: 'shop', scopes: ['tokens'], madeBy: 'ada' }
    await store.createApiKey(key)
    await store.createApiKey({ ...key, id: 'k2', hash: 'h2', lifetimeMs: 5000 })
    const [, unused] = (await store.apiKeys()).toSorted((one, other) => (one.id < other.id ? 1 : -1))
    assert.deepEqual([unused?.id, unused?.usedAt, unused?.endsAt], ['k1', undefined, undefined])
    assert.deepEqual((await store.touchApiKey('h1'))?.scopes, ['tokens'])
    const [, used] = (await store.apiKeys()).toSorted((one, other) => (one.id < other.id ? 1 : -1))
    assert.ok((used?.usedAt ?? 0) > 0)
    assert.equal(used && 'hash' in used, false)
    assert.ok(await store.touchApiKey('h2'))
    await pass(5001)
    assert.equal(await store.touchApiKey('h2'), undefined)
    assert.equal(await store.apiKeyIsGood('k2'), false)
    assert.equal(await store.apiKeyIsGood('k1'), true)
    assert.equal(await store.revokeApiKey('k1'), true)
    assert.equal(await store.revokeApiKey('k1'), false)
    assert.equal(await store.touchApiKey('h1'), undefined)
    assert.deepEqual(await store.endedLately(60_000), ['k1'])
  })

  test(`${kind}: [SE46] of attempts that were read at the same time one is counted, and all keys of it together`, async () => {
    const { store } = await stage()
    const { now, attempts } = await store.attempts(['name ada', 'address 192.0.2.1'])
    assert.ok(now > 0)
    assert.deepEqual(attempts[0], { key: 'name ada', version: 0, failures: 0, lastAt: 0, blockedUntil: 0 })
    const counted = attempts.map((each) => ({ ...each, failures: 1, lastAt: now, blockedUntil: now + 5 }))
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => store.putAttempts(counted)))
    assert.equal(outcomes.filter(Boolean).length, 1)
    const again = await store.attempts(['address 192.0.2.1', 'name ada'])
    const expected = { key: 'name ada', version: 1, failures: 1, lastAt: now, blockedUntil: now + 5 }
    assert.deepEqual(again.attempts[1], expected)
    await store.forgetAttempts(['name ada'])
    assert.equal((await store.attempts(['name ada'])).attempts[0]?.failures, 0)
    assert.equal((await store.attempts(['address 192.0.2.1'])).attempts[0]?.failures, 1)
  })
}
