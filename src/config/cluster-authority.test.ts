import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { MemoryStore } from '../store/memory-store.ts'
import { createOrLoadAuthority, issueNodeCertificate } from './cluster-authority-node.ts'
import { stagedKeys } from './private-keys-stage.ts'
import { SecretBox } from './secret-box-node.ts'

const SECRET = 'the secret of this cluster'

async function authorityOf(documents: MemoryStore, secret = SECRET) {
  const authority = await createOrLoadAuthority({ documents, keys: stagedKeys(documents, secret) })
  assert.equal(authority.kind, 'authority')
  if (authority.kind !== 'authority') throw new Error('unreachable')
  return authority
}

test('The first node makes the authority and every later one finds it [CF21]', async () => {
  const documents = new MemoryStore({ now: () => 0 })
  const made = await authorityOf(documents)
  assert.deepEqual(await authorityOf(documents), made)
  assert.notEqual((await authorityOf(new MemoryStore({ now: () => 0 }))).cluster, made.cluster)
})

test('Of several first nodes one makes the authority for all [CF21]', async () => {
  const documents = new MemoryStore({ now: () => 0 })
  const all = await Promise.all([authorityOf(documents), authorityOf(documents), authorityOf(documents)])
  assert.equal(new Set(all.map(({ certificate }) => certificate)).size, 1)
})

test('A wrong secret is refused clearly and shows no key [CF22]', async () => {
  const documents = new MemoryStore({ now: () => 0 })
  const { key } = await authorityOf(documents)
  const refused = await createOrLoadAuthority({ documents, keys: stagedKeys(documents, 'of another cluster') })
  assert.equal(refused.kind, 'wrong-secret')
  const stored = (await documents.document('cluster-authority'))?.body ?? ''
  assert.ok(!stored.includes('PRIVATE KEY') && !stored.includes(key.slice(40, 80)))
})

test('A node certificate is signed by the authority, names the node and the cluster, and is short-lived [CF23]', async () => {
  const authority = await authorityOf(new MemoryStore({ now: () => 0 }))
  const issued = await issueNodeCertificate(authority, 'chat-1')
  const certificate = new X509Certificate(issued.certificate)
  assert.ok(certificate.verify(new X509Certificate(authority.certificate).publicKey))
  assert.equal(certificate.ca, false)
  const { subject } = certificate.toLegacyObject()
  assert.deepEqual([subject?.CN, subject?.O], ['chat-1', authority.cluster])
  const days = (issued.expiresAtMs - Date.now()) / 86_400_000
  assert.ok(days > 29 && days <= 30)
  for (const name of ['', 'a, O="x"', '#30', 'x'.repeat(64)])
    await assert.rejects(issueNodeCertificate(authority, name))
})

test('A sealed text opens only with its secret and for its purpose [CF22]', async () => {
  const box = new SecretBox(SECRET)
  const sealed = await box.seal('text', 'purpose')
  assert.equal(await new SecretBox(SECRET).open(sealed, 'purpose'), 'text')
  assert.equal(await box.open(sealed, 'another purpose'), undefined)
  assert.equal(await new SecretBox('another').open(sealed, 'purpose'), undefined)
  const flipped = Buffer.from(sealed, 'base64')
  flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1
  assert.equal(await box.open(flipped.toString('base64'), 'purpose'), undefined)
  assert.equal(await box.open('', 'purpose'), undefined)
})
