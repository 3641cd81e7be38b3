import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { masterKeysOf } from './master-key-node.ts'

const [FIRST, SECOND] = ['a-first-master-key-of-mine', 'a-second-master-key-of-mine']
const none = { masterKey: '', masterKeyFile: '', masterKeyCommand: '' }
const keysIn = async (given: Partial<typeof none>) => masterKeysOf({ ...none, ...given }, 'the-secret-of-the-cluster')

test('[CF54] the master key comes from text, file or command, earlier ones after it, and else is the secret', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-master-key-'))
  const file = join(folder, 'key')
  writeFileSync(file, `${FIRST}\n${SECOND}\n`)
  const both = { kind: 'master-keys', keys: [FIRST, SECOND, 'the-secret-of-the-cluster'] }
  try {
    assert.deepEqual(await keysIn({}), { kind: 'master-keys', keys: ['the-secret-of-the-cluster'] })
    assert.deepEqual(await keysIn({ masterKey: `${FIRST} ${SECOND}` }), both)
    assert.deepEqual(await keysIn({ masterKeyFile: file }), both)
    assert.deepEqual(await keysIn({ masterKeyCommand: `${process.execPath} -p "'${FIRST} ${SECOND}'"` }), both)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('[CF54] a master key that cannot be had is told of in a sentence that does not show it', async () => {
  const faults = [
    await keysIn({ masterKey: FIRST, masterKeyFile: '/x' }),
    await keysIn({ masterKeyFile: '/nowhere/at/all' }),
    await keysIn({ masterKeyCommand: `echo ${FIRST}; exit 3` }),
    await keysIn({ masterKeyCommand: 'true' }),
    await keysIn({ masterKey: 'short' }),
  ]
  for (const outcome of faults) {
    assert.ok(outcome.kind === 'no-master-key', JSON.stringify(outcome))
    assert.ok(!outcome.reason.includes(FIRST) && !outcome.reason.includes('short'))
  }
  const [, , failed] = faults
  assert.ok(failed?.kind === 'no-master-key' && failed.reason.includes('(3)'))
})
