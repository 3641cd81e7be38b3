import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Log, silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import type { DocumentStore } from '../store/document-store.ts'
import { IndefiniteOutcome, StoreUnavailable } from '../store/log-store.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { SecretVault } from './secret-vault-node.ts'

const [OLD, NEW] = ['the old master key of all', 'the new master key of all']

function stage() {
  const store = new MemoryStore({ now: () => 0 })
  const clock = new ManualClock()
  const vault = async (masterKeys: readonly string[], documents: DocumentStore = store, log: Log = silentLog) => {
    const made = new SecretVault({ documents, masterKeys, clock, log })
    await made.start()
    return made
  }
  return { store, clock, vault }
}

test('[CF50] a secret is read by every node that has the master key, and lies in the store sealed', async () => {
  const { store, clock, vault } = stage()
  const [one, other] = [await vault([OLD]), await vault([OLD])]
  assert.equal(await other.read('mail-password'), undefined)
  assert.deepEqual(await other.list(), { secrets: [] })
  assert.equal(await other.masterKeyState(), 'no-secrets')
  assert.deepEqual(await one.set('mail-password', 'Käse ✓\nund Brot'), { kind: 'set', existed: false })
  assert.deepEqual(await one.set('api', 'first'), { kind: 'set', existed: false })
  assert.deepEqual(await one.set('api', 'second'), { kind: 'set', existed: true })
  assert.equal(await one.read('mail-password'), 'Käse ✓\nund Brot')
  await clock.advance(1000)
  assert.equal(await other.read('mail-password'), 'Käse ✓\nund Brot')
  assert.equal(await other.read('api'), 'second')
  const { secrets, dataKey } = await other.list()
  assert.deepEqual(
    secrets.map(({ name }) => name),
    ['api', 'mail-password'],
  )
  assert.equal(dataKey?.masterKeys, 1)
  const body = (await store.document('secrets'))?.body ?? ''
  assert.ok(!body.includes('second') && !body.includes('Brot') && !body.includes(OLD))
  assert.equal(await other.remove('api'), 'removed')
  assert.equal(await other.remove('api'), 'unknown')
  await clock.advance(1000)
  assert.equal(await one.read('api'), undefined)
})

test('[CF50] what is sealed for one name opens under no other, and what was tampered with opens nowhere', async () => {
  const { store, vault } = stage()
  const writer = await vault([OLD])
  await writer.set('a', 'text of a')
  await writer.set('b', 'text of b')
  const { version = 0, body = '' } = (await store.document('secrets')) ?? {}
  const stored = JSON.parse(body)
  const [a, b] = stored.secrets
  const changed = {
    ...stored,
    secrets: [
      { ...a, sealed: b.sealed },
      { ...b, sealed: `${b.sealed.slice(0, -4)}AAAA` },
    ],
  }
  await store.putDocument('secrets', JSON.stringify(changed), version)
  const errors: string[] = []
  const reader = await vault([OLD], store, { ...silentLog, error: (sentence) => errors.push(sentence) })
  assert.deepEqual([await reader.read('a'), await reader.read('b')], [undefined, undefined])
  assert.equal(errors.length, 2)
  assert.ok(errors[0]?.startsWith('The secret a cannot be read here'))
})

test('[CF50] who has another master key reads nothing, changes nothing, and is told why', async () => {
  const { store, vault } = stage()
  await (await vault([OLD])).set('a', 'text')
  const before = await store.document('secrets')
  const stranger = await vault([NEW])
  assert.equal(await stranger.read('a'), undefined)
  const outcome = await stranger.set('a', 'other')
  assert.ok(outcome.kind === 'sealed' && outcome.reason.startsWith('No master key of this node opens'))
  assert.equal((await stranger.rotate({ retire: false })).kind, 'sealed')
  assert.deepEqual(await store.document('secrets'), before)
  assert.equal(await stranger.remove('a'), 'removed')
  assert.equal((await stranger.set('a', 'other')).kind, 'set', 'a master key that was lost is no end')
  assert.equal(await stranger.read('a'), 'other')
})

test('[CF51] a rotation seals all secrets by a new data key in one step, while others set and read', async () => {
  const { store, clock, vault } = stage()
  const [one, other] = [await vault([OLD]), await vault([OLD])]
  await one.set('a', 'text of a')
  assert.equal(await other.read('a'), 'text of a')
  const [before, key] = [(await store.document('secrets'))?.body ?? '', (await one.list()).dataKey?.id]
  await Promise.all([one.rotate({ retire: false }), other.set('b', 'text of b'), one.set('c', 'text of c')])
  assert.notEqual((await one.list()).dataKey?.id, key)
  assert.equal(await other.read('a'), 'text of a')
  await clock.advance(1000)
  for (const vault of [one, other])
    for (const name of ['a', 'b', 'c']) assert.equal(await vault.read(name), `text of ${name}`)
  const after = (await store.document('secrets'))?.body ?? ''
  assert.ok(!after.includes(JSON.parse(before).secrets[0].sealed))
})

test('[CF52] the master key changes node by node: old and new both open until the old one is retired', async () => {
  const { clock, vault } = stage()
  const old = await vault([OLD])
  await old.set('a', 'text')
  const both = await vault([NEW, OLD])
  const fresh = await vault([NEW])
  for (const node of [old, both, fresh]) assert.equal(await node.read('a'), 'text')
  await old.set('b', 'told to the old one')
  await fresh.set('c', 'told to the new one')
  await clock.advance(1000)
  for (const node of [old, both, fresh]) {
    assert.equal(await node.read('b'), 'told to the old one')
    assert.equal(await node.read('c'), 'told to the new one')
  }
  assert.equal((await both.list()).dataKey?.masterKeys, 2)
  const states = () => Promise.all([old, both, fresh].map((node) => node.masterKeyState()))
  assert.deepEqual(await states(), ['earlier', 'newest', 'newest'])
  assert.deepEqual(await both.rotate({ retire: false }), { kind: 'rotated' })
  await clock.advance(1000)
  for (const node of [old, both, fresh]) assert.equal(await node.read('a'), 'text')
  assert.equal((await old.rotate({ retire: true })).kind, 'sealed', 'an earlier key does not retire a newer one')
  assert.equal((await fresh.rotate({ retire: false })).kind, 'sealed', 'a rotation shuts nobody out unasked')
  assert.deepEqual(await fresh.rotate({ retire: true }), { kind: 'rotated' })
  await clock.advance(1000)
  assert.deepEqual(await Promise.all([old, both, fresh].map((node) => node.read('a'))), [undefined, 'text', 'text'])
  assert.deepEqual(await states(), ['none', 'newest', 'newest'])
  assert.equal((await fresh.list()).dataKey?.masterKeys, 1)
})

test('[CF53] what is known is read while the store is away; where nothing is known, that is said', async () => {
  const { store, clock, vault } = stage()
  let fault: 'none' | 'refuses' | 'hangs' = 'none'
  const shaky: DocumentStore = {
    documents: (prefix) => store.documents(prefix),
    putDocument: (...put) => store.putDocument(...put),
    async document(name) {
      if (fault === 'refuses') throw new StoreUnavailable('away')
      return fault === 'hangs' ? new Promise(() => {}) : store.document(name)
    },
  }
  const known = await vault([OLD], shaky)
  const unknown = await vault([OLD], shaky)
  await known.set('a', 'text')
  await clock.advance(2000)
  fault = 'refuses'
  assert.equal(await known.read('a'), 'text')
  await assert.rejects(unknown.read('a'), StoreUnavailable)
  fault = 'hangs'
  const reading = known.read('a')
  await clock.advance(2000)
  assert.equal(await reading, 'text')
})

test('[CF52] a node that starts while the store is away introduces its master key when it is back', async () => {
  const { store, clock, vault } = stage()
  await (await vault([OLD])).set('a', 'text')
  let away = true
  const shaky: DocumentStore = {
    documents: (prefix) => store.documents(prefix),
    putDocument: (...put) => store.putDocument(...put),
    async document(name) {
      if (away) throw new StoreUnavailable('away')
      return store.document(name)
    },
  }
  const { promise: introduced, resolve } = Promise.withResolvers<void>()
  const late = await vault([NEW, OLD], shaky, { ...silentLog, decision: () => resolve() })
  const stopped = await vault([NEW, OLD], shaky)
  stopped.stop()
  await clock.advance(5000)
  away = false
  await clock.advance(5000)
  await introduced
  assert.equal(await late.read('a'), 'text')
  assert.equal(clock.pending, 0)
})

test('[CF51] a reply that was lost changes nothing twice', async () => {
  const { store, vault } = stage()
  let lose = 0
  const losing: DocumentStore = {
    document: (name) => store.document(name),
    documents: (prefix) => store.documents(prefix),
    async putDocument(...put) {
      if (lose-- === 1) throw new IndefiniteOutcome('not even sent')
      const outcome = await store.putDocument(...put)
      if (lose >= 0) throw new IndefiniteOutcome('the reply was lost')
      return outcome
    },
  }
  const node = await vault([OLD], losing)
  lose = 1
  assert.deepEqual(await node.set('a', 'text'), { kind: 'set', existed: false })
  assert.equal((await store.document('secrets'))?.version, 1)
  lose = 2
  await node.set('a', 'other')
  assert.equal((await store.document('secrets'))?.version, 2)
})
