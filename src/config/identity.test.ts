import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { realRandom as random } from '../base/real-random-node.ts'
import { nodeIdentity } from './identity-node.ts'

test('[CF4] a node keeps its name over restarts, and a clone gets one of its own', (context) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'holdfast-identity-'))
  context.after(() => rmSync(dataDir, { recursive: true }))
  const named = (name: string, fresh = false) => nodeIdentity({ dataDir, name, fresh, random })
  const first = named('')
  assert.match(first, /^[a-z0-9][a-z0-9-]*$/, 'the host name at first')
  assert.equal(named('n1'), 'n1', 'a name that was set wins')
  assert.equal(named(''), 'n1', 'and is kept')
  const clone = named('', true)
  assert.notEqual(clone, 'n1')
  assert.equal(named(''), clone, 'the new name is kept too')
  assert.notEqual(named('', true), clone)
  writeFileSync(join(dataDir, 'node.json'), 'half')
  assert.equal(named(''), first, 'a damaged file is as good as none')
})
