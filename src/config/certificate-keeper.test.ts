import assert from 'node:assert/strict'
import test from 'node:test'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import type { Document } from '../store/document-store.ts'
import { StoreUnavailable } from '../store/log-store.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { selfSigned } from './certificate-chain-node.ts'
import { CertificateKeeper } from './certificate-keeper.ts'
import { CERTIFICATE_DOCUMENT, CERTIFICATE_KEYS, CertificateVault, publicPartOf } from './certificate-vault-node.ts'
import { stagedKeys } from './private-keys-stage.ts'

const TOLD = { source: 'imported', by: 'ada', at: 5 } as const

test('[CF63] the private key lies in the store sealed; another secret opens nothing and replaces nothing', async () => {
  const documents = new MemoryStore({ now: () => 0 })
  const vault = new CertificateVault({ documents, keys: stagedKeys(documents, 'right') })
  const made = await selfSigned(['chat.example.com'], Date.now())
  assert.equal(await vault.store({ ...made, ...TOLD }, 0), true)
  const document = (await documents.document(CERTIFICATE_DOCUMENT)) as Document
  assert.ok(!document.body.includes('PRIVATE KEY'))
  const keyBytes = made.key.replaceAll(/-----.*-----|\n/g, '')
  assert.ok(!document.body.includes(keyBytes.slice(20, 60)))
  assert.equal((await vault.read())?.key.trim(), made.key.trim())
  assert.equal(await new CertificateVault({ documents, keys: stagedKeys(documents, 'wrong') }).read(), undefined)
  assert.deepEqual(publicPartOf(document).source, 'imported')

  const clock = new ManualClock()
  let open = vault.open.bind(vault)
  const keeper = new CertificateKeeper({
    clock,
    log: silentLog,
    vault: { document: () => vault.document(), open: (stored) => open(stored) },
  })
  await keeper.start()
  assert.equal(keeper.certificate()?.version, 1)
  open = async () => undefined
  await vault.store({ ...made, ...TOLD }, 1)
  await keeper.refresh()
  assert.equal(keeper.certificate()?.version, 1, 'what cannot be opened is not shown')
  keeper.stop()
  assert.equal(clock.pending, 0)
})

test('[CF56] beside an earlier version the key of a new certificate is sealed for both; the one before is dropped', async () => {
  const documents = new MemoryStore({ now: () => 0 })
  const keys = stagedKeys(documents)
  const vault = new CertificateVault({ documents, keys })
  const [one, other] = [await selfSigned(['a.example'], Date.now()), await selfSigned(['b.example'], Date.now())]
  const sealedKey = await keys.sealOld(one.key, 'the key of the public certificate')
  const body = { chain: one.chain.join('\n'), sealedKey, ...TOLD }
  await documents.putDocument(CERTIFICATE_DOCUMENT, JSON.stringify(body), 0)
  assert.equal((await vault.read())?.key, one.key)
  assert.equal(await vault.store({ ...other, ...TOLD }, 1), true)
  const stored = (await documents.document(CERTIFICATE_DOCUMENT)) as Document
  const [old] = CERTIFICATE_KEYS.oldKeys(stored.body)
  assert.ok(old)
  assert.deepEqual([await keys.openOld(old), await keys.open(old.name)], [other.key, other.key])
  await documents.putDocument(CERTIFICATE_DOCUMENT, CERTIFICATE_KEYS.withoutOldKeys(stored.body), 2)
  assert.equal((await vault.read())?.key, other.key)
  assert.equal(await vault.store({ ...one, ...TOLD }, 3), true)
  assert.equal(await keys.open(old.name), undefined)
  assert.ok(!(await documents.document(CERTIFICATE_DOCUMENT))?.body.includes('sealedKey'))
})

test('[CF63] of two who store at the same time one is told that the other was quicker', async () => {
  const documents = new MemoryStore({ now: () => 0 })
  const vault = new CertificateVault({ documents, keys: stagedKeys(documents) })
  const made = await selfSigned(['chat.example.com'], Date.now())
  const stored = await Promise.all([vault.store({ ...made, ...TOLD }, 0), vault.store({ ...made, ...TOLD }, 0)])
  assert.deepEqual(stored.toSorted(), [false, true])
})

test('[CF64] a node hears of each certificate once, keeps the last one while the store is away, and goes on', async () => {
  const clock = new ManualClock()
  let document: Document | undefined
  let away = true
  const heard: number[] = []
  const vault = {
    document: async () => {
      if (away) throw new StoreUnavailable('away')
      return document
    },
    open: async ({ version }: Document) => ({ ...TOLD, version, chain: [], key: '' }),
  }
  const keeper = new CertificateKeeper({ clock, log: silentLog, vault })
  keeper.onChange(({ version }) => heard.push(version))
  await keeper.start()
  assert.equal(keeper.certificate(), undefined)
  away = false
  await clock.advance(2000)
  assert.deepEqual(heard, [])
  document = { name: CERTIFICATE_DOCUMENT, version: 1, body: '' }
  await clock.advance(2000)
  away = true
  await clock.advance(10_000)
  assert.equal(keeper.certificate()?.version, 1)
  away = false
  document = { ...document, version: 2 }
  await clock.advance(2000)
  assert.deepEqual(heard, [1, 2])
  keeper.stop()
  assert.equal(clock.pending, 0)
})
