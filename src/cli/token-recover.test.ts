import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { silentLog } from '../base/log.ts'
import { realClock } from '../base/real-clock-node.ts'
import { createOrLoadAuthority } from '../config/cluster-authority-node.ts'
import { stagedKeys } from '../config/private-keys-stage.ts'
import { SecretVault } from '../config/secret-vault-node.ts'
import { SigningKeys } from '../server/signing-keys-node.ts'
import { PostgresStore } from '../store/postgres-store.ts'
import { TestDatabases } from '../store/test-database-node.ts'
import { EXIT } from './verb.ts'
import { runVerb } from './verb-stage.ts'

const SECRET = 'the secret of the cluster'

let databases: TestDatabases
before(async () => {
  databases = await TestDatabases.start()
})
after(() => databases.stop())

test('[CI22] whoever knows database and secret gets a token that the nodes take, and nobody else does', async () => {
  const database = await databases.create()
  const recover = (env: Record<string, string>, ...words: string[]) =>
    runVerb(['token', 'recover', '--data', '/nowhere', '--database', database, ...words], { env })
  const early = await recover({ HOLDFAST_SECRET: SECRET })
  assert.deepEqual([early.code, early.err], [EXIT.failed, ['This database belongs to no cluster yet.']])
  const store = new PostgresStore({ url: database, log: silentLog, applicationName: 'test' })
  const keys = stagedKeys(store, SECRET)
  const authority = await createOrLoadAuthority({ documents: store, keys })
  assert.ok(authority.kind !== 'wrong-secret')
  const nodes = await Promise.all(
    [authority.cluster, 'https://chat.example'].map(async (publicUrl) => {
      const tokens = new SigningKeys({ documents: store, keys, publicUrl, clock: realClock, log: silentLog })
      await tokens.start()
      return tokens
    }),
  )
  const [unnamed, named] = nodes
  const { out } = await recover({ HOLDFAST_SECRET: SECRET })
  const verdict = unnamed?.verify(out[0] ?? '')
  assert.ok(verdict?.kind === 'good' && verdict.claims.kind === 'staff')
  assert.deepEqual([verdict.claims.name, verdict.claims.scopes.includes('admin')], ['Recovery', true])
  assert.ok(verdict.expiresAtMs - realClock.wallMs() <= 3_601_000)
  assert.equal(named?.verify(out[0] ?? '').kind, 'bad', 'of another address')
  const ofAddress = await recover({ HOLDFAST_SECRET: SECRET }, '--public-url', 'https://chat.example')
  assert.equal(named?.verify(ofAddress.out[0] ?? '').kind, 'good')
  assert.equal((await recover({ HOLDFAST_SECRET: 'a guess' })).code, EXIT.failed)
  assert.equal((await recover({})).code, EXIT.usage)
  for (const tokens of nodes) tokens.stop()

  const masterKeys = ['a master key of its own', SECRET]
  const vault = new SecretVault({ documents: store, masterKeys, clock: realClock, log: silentLog })
  await vault.start()
  assert.deepEqual(await vault.rotate({ retire: true }), { kind: 'rotated' })
  const without = await recover({ HOLDFAST_SECRET: SECRET })
  assert.equal(without.code, EXIT.failed)
  assert.match(without.err.join(' '), /this node needs it, too/)
  const env = { HOLDFAST_SECRET: SECRET, HOLDFAST_MASTER_KEY: 'a-master-key-of-its-own' }
  assert.equal((await recover(env)).code, EXIT.failed, 'another master key')
  const other = new SecretVault({
    documents: store,
    masterKeys: [env.HOLDFAST_MASTER_KEY, ...masterKeys],
    clock: realClock,
    log: silentLog,
  })
  await other.start()
  assert.equal((await recover(env)).code, EXIT.done)
  await store.close()
})
