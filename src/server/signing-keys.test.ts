import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { VaultClosed } from '../config/private-keys.ts'
import { stagedKeys } from '../config/private-keys-stage.ts'
import type { StaffClaims, VisitorClaims } from '../protocol/tokens.ts'
import { StoreUnavailable } from '../store/log-store.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { SIGNING_KEYS, SigningKeys } from './signing-keys-node.ts'

const POLL_MS = 1000
const HOUR_MS = 3_600_000
const URL = 'https://chat.example'
const VISITOR: VisitorClaims = {
  kind: 'visitor',
  subject: 'v1',
  name: 'Ada',
  conversation: '0000000000001',
  system: URL,
  topic: 'Boots',
}
const AGENT: StaffClaims = { kind: 'staff', subject: 'a1', name: 'Bo', role: 'agent', scopes: ['conversations'] }

/** Documents that can be away, and count how often they are read. */
class Documents extends MemoryStore {
  away = false
  reads = 0

  override async document(name: string) {
    this.reads += 1
    if (this.away) throw new StoreUnavailable('away')
    return super.document(name)
  }
}

function clusterOf() {
  const clock = new ManualClock()
  const documents = new Documents({ now: () => 0 })
  // Beside the other documents, so that only the reads of the keys are counted.
  const sealed = new MemoryStore({ now: () => 0 })
  const node = async (
    options: { publicUrl?: string; secret?: string; rotateEveryMs?: number; alsoCalled?: () => readonly string[] } = {},
  ) => {
    const { secret, ...more } = options
    const keys = new SigningKeys({
      documents,
      keys: stagedKeys(sealed, secret),
      publicUrl: URL,
      clock,
      log: silentLog,
      pollMs: POLL_MS,
      ...more,
    })
    await keys.start()
    return keys
  }
  return { clock, documents, sealed, node }
}

/** Sealing and opening take real time, so the clock is moved in small steps until something holds. */
async function until(condition: () => boolean, clock: ManualClock): Promise<void> {
  for (let round = 0; round < 2000 && !condition(); round++) {
    await clock.advance(1)
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.ok(condition())
}

const parts = (token: string) =>
  token.split('.').map((part) => JSON.parse(Buffer.from(part, 'base64url').toString() || '0'))
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const kidOf = (token: string): string => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid

test('A token of one node is good on every other one [SV40]', async () => {
  const { clock, node } = clusterOf()
  const [a, b] = [await node(), await node()]
  for (const claims of [VISITOR, AGENT]) {
    const verdict = b.verify(a.issue(claims, HOUR_MS))
    assert.deepEqual(verdict, { kind: 'good', claims, expiresAtMs: Math.floor(clock.wallMs() / 1000) * 1000 + HOUR_MS })
  }
})

test('A token ends with its time [SV40]', async () => {
  const { clock, node } = clusterOf()
  const keys = await node()
  const token = keys.issue(AGENT, 5000)
  await clock.advance(4990)
  assert.equal(keys.verify(token).kind, 'good')
  await clock.advance(20)
  assert.deepEqual(keys.verify(token), { kind: 'bad', code: 'token-expired' })
  keys.stop()
})

test('A key signs only after every node had two polls to see it [SV41]', async () => {
  const { clock, node } = clusterOf()
  const [a, b] = [await node(), await node()]
  await clock.advance(2 * POLL_MS)
  const old = kidOf(a.issue(AGENT, HOUR_MS))
  await a.rotate()
  assert.equal(kidOf(a.issue(AGENT, HOUR_MS)), old)
  const late = await node()
  assert.equal(kidOf(late.issue(AGENT, HOUR_MS)), old)
  await clock.advance(2 * POLL_MS + 100)
  const token = a.issue(AGENT, HOUR_MS)
  assert.notEqual(kidOf(token), old)
  for (const keys of [b, late]) assert.equal(keys.verify(token).kind, 'good')
  for (const keys of [a, b, late]) keys.stop()
})

test('Of several nodes that start or rotate at once one makes the key [SV41]', async () => {
  const { clock, documents, node } = clusterOf()
  const all = await Promise.all([node(), node(), node()])
  assert.equal(new Set(all.map((keys) => kidOf(keys.issue(AGENT, 1000)))).size, 1)
  await clock.advance(10)
  await Promise.all(all.map((keys) => keys.rotate()))
  const stored = JSON.parse((await documents.document('signing-keys'))?.body ?? '')
  assert.equal(stored.keys.length, 2)
  for (const keys of all) keys.stop()
})

test('Keys change by themselves, and a token outlives the change [SV41]', async () => {
  const { clock, node } = clusterOf()
  const keys = await node({ rotateEveryMs: 20_000 })
  const token = keys.issue(AGENT, 20_000)
  await clock.advance(10_000)
  const young = keys.issue(AGENT, 20_000)
  await clock.advance(11_000)
  await until(() => kidOf(keys.issue(AGENT, 1000)) !== kidOf(token), clock)
  assert.deepEqual(keys.verify(token), { kind: 'bad', code: 'token-expired' })
  assert.equal(keys.verify(young).kind, 'good')
  assert.throws(() => keys.issue(AGENT, 30_000), /outlive/)
  keys.stop()
})

test('An unknown key makes the store be asked once, and then the token is good [SV42]', async () => {
  const { clock, documents, node } = clusterOf()
  const [a, b] = [await node(), await node()]
  b.stop()
  await a.rotate()
  await clock.advance(2 * POLL_MS + 100)
  const token = a.issue(AGENT, HOUR_MS)
  assert.equal(b.verify(token).kind, 'unknown-key')
  const before = documents.reads
  assert.deepEqual(await Promise.all([b.refreshKeys(), b.refreshKeys()]), [true, true])
  assert.equal(documents.reads, before + 1)
  assert.equal(b.verify(token).kind, 'good')
  // A flood of made-up keys reaches the store at most once a second.
  for (let n = 0; n < 100; n++) await b.refreshKeys()
  assert.equal(documents.reads, before + 1)
  a.stop()
})

test('A store that is away says nothing about a token, and known keys stay good [SV42]', async () => {
  const { clock, documents, node } = clusterOf()
  const keys = await node()
  await clock.advance(5000)
  documents.away = true
  const token = keys.issue(AGENT, HOUR_MS)
  const [, payload, signature] = token.split('.')
  const unknown = `${part({ alg: 'EdDSA', typ: 'JWT', kid: '0123456789abcdef' })}.${payload}.${signature}`
  await clock.advance(3000)
  assert.equal(keys.verify(unknown).kind, 'unknown-key')
  assert.equal(await keys.refreshKeys(), false)
  assert.equal(keys.verify(token).kind, 'good')
  keys.stop()
})

test('No forged token passes: none, HS256 with the public key, another key, another claim [SV43]', async () => {
  const { documents, node } = clusterOf()
  const keys = await node()
  const token = keys.issue(VISITOR, HOUR_MS)
  const [head = '', payload = '', signature = ''] = token.split('.')
  const kid = kidOf(token)
  const [{ publicKey }] = JSON.parse((await documents.document('signing-keys'))?.body ?? '').keys
  const admin = part({ ...parts(`${payload}`)[0], kind: 'staff', role: 'agent', scopes: ['admin'] })
  const hmac = (key: string) => {
    const header = part({ alg: 'HS256', typ: 'JWT', kid })
    return `${header}.${admin}.${createHmac('sha256', key).update(`${header}.${admin}`).digest('base64url')}`
  }
  const forged = [
    `${part({ alg: 'none', typ: 'JWT', kid })}.${admin}.`,
    `${part({ alg: 'NONE', kid })}.${admin}.${signature}`,
    `${head}.${admin}.${signature}`,
    `${head}.${payload}.`,
    `${head}.${payload}`,
    `${head}.${payload}.${signature.slice(0, -4)}AAAA`,
    hmac(publicKey),
    hmac(''),
    `${part({ alg: 'EdDSA', typ: 'JWT' })}.${payload}.${signature}`,
    `${part({ alg: 'EdDSA', kid: '../../etc/passwd' })}.${payload}.${signature}`,
    `${part({ alg: 'EdDSA', kid: ['a'] })}.${payload}.${signature}`,
    `${part({ alg: 'EdDSA', kid: '__proto__' })}.${payload}.${signature}`,
    `${part({ alg: 'ES256', kid })}.${payload}.${signature}`,
    '',
    '..',
    'a.b.c',
    'x'.repeat(100_000),
  ]
  for (const each of forged)
    assert.deepEqual(keys.verify(each), { kind: 'bad', code: 'token-invalid' }, each.slice(0, 80))
  keys.stop()
})

test('Nodes of which some were started with the address that others were told take each other’s tokens [SV40]', async () => {
  const { node } = clusterOf()
  let told = ''
  const alsoCalled = () => ['cluster', told]
  const [started, plain] = [await node({ alsoCalled }), await node({ publicUrl: 'cluster', alsoCalled })]
  const [of, ofPlain] = [started.issue(AGENT, HOUR_MS), plain.issue(AGENT, HOUR_MS)]
  assert.equal(started.verify(ofPlain).kind, 'good')
  assert.equal(plain.verify(of).kind, 'bad', 'nobody told it of that address')
  told = URL
  for (const keys of [started, plain]) for (const token of [of, ofPlain]) assert.equal(keys.verify(token).kind, 'good')
  for (const keys of [started, plain]) keys.stop()
})

test('A token of another system, or a signed one that is not well formed, is not taken [SV43]', async () => {
  const { node } = clusterOf()
  const [here, elsewhere] = [await node(), await node({ publicUrl: 'https://evil.example' })]
  assert.deepEqual(here.verify(elsewhere.issue(AGENT, HOUR_MS)), { kind: 'bad', code: 'token-invalid' })
  const oddities: readonly unknown[] = [
    { ...AGENT, role: 'visitor' },
    { ...AGENT, role: 'king' },
    { ...AGENT, scopes: 'admin' },
    { ...AGENT, name: 7 },
    { ...AGENT, kind: 'other' },
    { ...VISITOR, conversation: { $ne: '' } },
    { ...VISITOR, conversation: 'short' },
    { ...VISITOR, system: undefined },
    // Whoever cannot read what a token was exchanged for cannot know that it was ended.
    { ...AGENT, grant: 'a1' },
    { ...AGENT, grant: { kind: 'other', id: 'a1' } },
    { ...AGENT, grant: { kind: 'session' } },
  ]
  for (const odd of oddities)
    assert.deepEqual(here.verify(here.issue(odd as StaffClaims, HOUR_MS)), { kind: 'bad', code: 'token-invalid' })
  const verdict = here.verify(
    here.issue({ ...AGENT, scopes: ['conversations', 'root'] } as unknown as StaffClaims, 1000),
  )
  assert.deepEqual(verdict.kind === 'good' && verdict.claims, AGENT)
  const granted: StaffClaims = { ...AGENT, grant: { kind: 'session', id: 's1', account: 'a1', endsAt: 7 } }
  const told = here.verify(here.issue(granted, 1000))
  assert.deepEqual(told.kind === 'good' && told.claims, granted)
  for (const keys of [here, elsewhere]) keys.stop()
})

test('Private keys lie in the store sealed; with another secret they are of no use [SV43]', async () => {
  const { documents, node } = clusterOf()
  const keys = await node()
  assert.ok(!(await documents.document('signing-keys'))?.body.includes('PRIVATE KEY'))
  await assert.rejects(node({ secret: 'of another cluster' }), VaultClosed)
  assert.equal((await documents.document('signing-keys'))?.version, 1, 'a stranger publishes no key of its own')
  keys.stop()
})

test('[CF56] beside an earlier version keys are sealed for both, and what is published no more is dropped', async () => {
  const { clock, documents, sealed, node } = clusterOf()
  const before = await node()
  const token = before.issue(AGENT, HOUR_MS)
  before.stop()
  const { version = 0, body = '' } = (await documents.document('signing-keys')) ?? {}
  const [stored] = JSON.parse(body).keys
  const keys = stagedKeys(sealed)
  const privateKey = (await keys.open(`key/token-${stored.kid}`)) ?? ''
  const old = { ...stored, sealedPrivateKey: await keys.sealOld(privateKey, 'a key that signs tokens') }
  await documents.putDocument('signing-keys', JSON.stringify({ keys: [old] }), version)
  await keys.drop([`key/token-${stored.kid}`])
  const after = await node()
  assert.equal(after.verify(token).kind, 'good')
  const held = async () => SIGNING_KEYS.oldKeys((await documents.document('signing-keys'))?.body ?? '')
  for (let rotated = 1; rotated <= 3; rotated++) {
    await clock.advance(1)
    await after.rotate()
  }
  const names = (await held()).map(({ name }) => name)
  assert.equal(names.length, 3)
  const opened = await Promise.all((await held()).map((each) => keys.openOld(each)))
  assert.deepEqual(opened, await Promise.all(names.map((name) => keys.open(name))))
  const { secrets } = JSON.parse((await sealed.document('secrets'))?.body ?? '')
  assert.deepEqual(secrets.map(({ name }: { name: string }) => name).sort(), names.toSorted())
  after.stop()
})
