import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import type { DocumentStore } from '../store/document-store.ts'
import { StoreUnavailable } from '../store/log-store.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { RememberedDocuments } from '../store/remembered-documents-node.ts'
import { AUTHORITY_KEYS, createOrLoadAuthority } from './cluster-authority-node.ts'
import { PrivateKeyMove } from './private-key-move.ts'
import { PrivateKeys } from './private-keys.ts'
import { stagedKeys } from './private-keys-stage.ts'
import { SecretBox } from './secret-box-node.ts'
import { SecretVault } from './secret-vault-node.ts'

const SECRET = 'the secret of the cluster'
const [OLD, NEW] = ['the old master key of all', 'the new master key of all']
const PURPOSE = 'the key of the cluster authority'

async function vaultOf(documents: DocumentStore, masterKeys: readonly string[]) {
  const vault = new SecretVault({ documents, masterKeys, clock: new ManualClock(), log: silentLog })
  await vault.start()
  return { vault, keys: new PrivateKeys({ vault, secret: SECRET }) }
}

/** An authority as an earlier version left it, with its key sealed by the cluster's secret. */
async function oldAuthority(documents: MemoryStore): Promise<string> {
  const elsewhere = new MemoryStore({ now: () => 0 })
  const made = await createOrLoadAuthority({ documents: elsewhere, keys: stagedKeys(elsewhere) })
  assert.ok(made.kind === 'authority')
  const { cluster, certificate, key } = made
  const body = { cluster, certificate, sealedKey: await new SecretBox(SECRET).seal(key, PURPOSE) }
  await documents.putDocument('cluster-authority', JSON.stringify(body), 0)
  return key
}

test('[CF55] a private key is sealed as every secret is, and is neither listed nor read as one', async () => {
  const documents = new MemoryStore({ now: () => 0 })
  const { vault, keys } = await vaultOf(documents, [OLD])
  assert.deepEqual(await keys.keep('key/token-1', 'PRIVATE'), { kind: 'set', existed: false })
  await vault.set('mail-password', 'text')
  assert.equal(await keys.open('key/token-1'), 'PRIVATE')
  assert.equal(await vault.read('key/token-1'), undefined, 'who may name a secret names no private key')
  assert.equal(await keys.open('key/token-2'), undefined)
  const { secrets, dataKey } = await vault.list()
  assert.deepEqual([secrets.map(({ name }) => name), dataKey?.privateKeys], [['mail-password'], 1])
  assert.ok(!(await documents.document('secrets'))?.body.includes('PRIVATE'))
  await keys.drop(['key/token-1', 'key/token-9'])
  assert.equal((await vault.list()).dataKey?.privateKeys, 0)
})

test('[CF55] a new master key covers the private keys, and the old one opens none of them once it is retired', async () => {
  const documents = new MemoryStore({ now: () => 0 })
  const before = await vaultOf(documents, [OLD])
  const made = await createOrLoadAuthority({ documents, keys: before.keys })
  const both = await vaultOf(documents, [NEW, OLD])
  assert.deepEqual(await createOrLoadAuthority({ documents, keys: both.keys }), made)
  assert.deepEqual(await both.vault.rotate({ retire: true }), { kind: 'rotated' })
  const after = await vaultOf(documents, [NEW])
  assert.deepEqual(await createOrLoadAuthority({ documents, keys: after.keys }), made)
  const shutOut = await createOrLoadAuthority({ documents, keys: (await vaultOf(documents, [OLD, SECRET])).keys })
  assert.equal(shutOut.kind, 'wrong-secret')
})

test('[CF56] what an earlier version sealed is read, put into the vault, and goes once every node reads it there', async () => {
  const documents = new MemoryStore({ now: () => 0 })
  const key = await oldAuthority(documents)
  const { vault, keys } = await vaultOf(documents, [NEW])
  const authority = () => createOrLoadAuthority({ documents, keys })
  const keyOf = async () => {
    const found = await authority()
    return found.kind === 'authority' ? found.key : undefined
  }
  assert.equal(await keyOf(), key, 'a node of this version starts on what an earlier one left')
  let earlierRuns = true
  const decisions: string[] = []
  const move = new PrivateKeyMove({
    ...{ clock: new ManualClock(), documents, keys, holders: [AUTHORITY_KEYS] },
    log: { ...silentLog, decision: (what) => decisions.push(what) },
    allRead: async () => !earlierRuns,
  })
  const body = async () => (await documents.document('cluster-authority'))?.body ?? ''
  const untouched = await body()
  assert.equal(await move.step(), 'in-both')
  assert.equal(await body(), untouched, 'an earlier version that still runs can start again')
  const { version } = (await documents.document('secrets')) ?? {}
  assert.equal(await move.step(), 'in-both')
  assert.equal((await documents.document('secrets'))?.version, version, 'what is there is not put there again')
  earlierRuns = false
  assert.equal(await move.step(), 'in-both')
  assert.ok(!(await body()).includes('sealedKey'))
  assert.equal(await move.step(), 'moved')
  assert.deepEqual([await keyOf(), decisions], [key, ['move-keys']])
  assert.equal((await vault.list()).dataKey?.privateKeys, 1)
})

test('[CF56] what nothing here opens is left where it is', async () => {
  const documents = new MemoryStore({ now: () => 0 })
  await oldAuthority(documents)
  const keys = stagedKeys(documents, 'the secret of another cluster')
  const move = new PrivateKeyMove({
    ...{ clock: new ManualClock(), documents, keys, holders: [AUTHORITY_KEYS], log: silentLog },
    allRead: async () => true,
  })
  assert.equal(await move.step(), 'not-opened')
  assert.equal((await documents.document('cluster-authority'))?.version, 1)
})

test('[CF56] a node that finds all moved by another starts without the store, too', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-test-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const memory = new MemoryStore({ now: () => 0 })
  let away = false
  const store: DocumentStore = {
    document: (name) => (away ? Promise.reject(new StoreUnavailable('away')) : memory.document(name)),
    documents: (prefix) => memory.documents(prefix),
    putDocument: (name, body, expect) => memory.putDocument(name, body, expect),
  }
  const moveOf = (documents: DocumentStore, keys: PrivateKeys) =>
    new PrivateKeyMove({
      ...{ clock: new ManualClock(), documents, keys, holders: [AUTHORITY_KEYS], log: silentLog },
      allRead: async () => true,
    })
  const key = await oldAuthority(memory)
  const start = async () => {
    const documents = new RememberedDocuments(store, join(folder, 'documents.json'), silentLog)
    const { keys } = await vaultOf(documents, [SECRET])
    return { documents, keys, authority: await createOrLoadAuthority({ documents, keys }) }
  }
  const { documents, keys } = await start()
  // Both nodes began at the same time, and the other one's turn came first.
  await moveOf(memory, (await vaultOf(memory, [SECRET])).keys).step()
  assert.equal(await moveOf(documents, keys).step(), 'moved')
  await documents.written()
  away = true
  const { authority } = await start()
  assert.equal(authority.kind === 'authority' && authority.key, key)
})
