import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { DataDirectory, DirectoryInUse, readClusterFile } from './data-directory-node.ts'

function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-data-'))
  context.after(() => rmSync(path, { recursive: true }))
  return path
}

test('[SV35] a data directory has one cluster at a time, and that of a dead process is free', async (context) => {
  const path = folder(context)
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', 'holdfast'])
  writeFileSync(join(path, 'up.pid'), `${other.pid}\n`)
  const directory = new DataDirectory(path)
  assert.throws(
    () => directory.lock(),
    (error) => error instanceof DirectoryInUse && error.message.includes(`process ${other.pid}`),
  )
  other.kill('SIGKILL')
  await once(other, 'exit')
  directory.lock()
  assert.equal(readFileSync(join(path, 'up.pid'), 'utf8'), `${process.pid}\n`)
  directory.lock()
  directory.unlock()
  assert.throws(() => statSync(join(path, 'up.pid')))
})

test('secret and tokens are kept for the owner of the directory alone, and the secret stays', (context) => {
  const path = folder(context)
  const directory = new DataDirectory(path)
  const secret = directory.secret()
  assert.ok(secret.length >= 40)
  assert.equal(new DataDirectory(path).secret(), secret)
  const file = directory.keepToken('admin', 'abc')
  for (const each of [file, join(path, 'secret')]) assert.equal(statSync(each).mode & 0o077, 0, each)
})

test('other commands find the cluster by its file', (context) => {
  const path = folder(context)
  assert.equal(readClusterFile(path), undefined)
  const cluster = {
    pid: 1,
    publicUrl: 'u',
    urls: [],
    adminTokenFile: 'a',
    agentTokenFile: 'b',
    database: 'd',
    nodes: [],
  }
  new DataDirectory(path).describe(cluster)
  assert.deepEqual(readClusterFile(path), cluster)
})
