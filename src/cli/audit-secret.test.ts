import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { httpStage, staffToken } from '../server/http-stage.ts'
import { EXIT } from './verb.ts'
import { runVerb } from './verb-stage.ts'

/** The HTTP side of a node on a free port, and the command line beside it. */
async function stage(context: TestContext) {
  const { app, secrets, node } = await httpStage()
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-audit-'))
  context.after(async () => {
    await app.close()
    rmSync(folder, { recursive: true })
  })
  const env = { HOLDFAST_URL: url, HOLDFAST_TOKEN: staffToken('admin') }
  const cluster = (words: readonly string[], lines: readonly string[] = []) => runVerb(words, { env, lines })
  return { cluster, secrets, node, folder }
}

test('[CI10] a secret is read from standard input alone, and never shown', async (context) => {
  const { cluster, secrets, node } = await stage(context)
  assert.deepEqual((await cluster(['secret', 'list'])).out, ['No secret was set yet.'])
  const set = await cluster(['secret', 'set', 'mail-password'], ['two', 'lines'])
  assert.deepEqual([set.code, set.out], [EXIT.done, ['The secret mail-password is set.']])
  assert.equal(await secrets.read('mail-password'), 'two\nlines')
  assert.equal((await cluster(['secret', 'set', 'a', 'in-the-open'])).code, EXIT.usage)
  assert.equal((await cluster(['secret', 'set', 'a'])).code, EXIT.usage, 'nothing came')
  assert.equal((await cluster(['secret', 'set', 'No Name'], ['x'])).code, EXIT.failed)
  node.masterKeys.set('n1', 'earlier')
  const { out } = await cluster(['secret', 'list'])
  assert.match(out[3] ?? '', /^n1 opens them by an earlier master key/)
  assert.equal((await cluster(['secret', 'rotate', '--retire'])).code, EXIT.failed)
  node.masterKeys.clear()
  assert.ok(out[1]?.startsWith('mail-password  20') && out[2]?.endsWith('which one master key can open.'))
  assert.equal((await cluster(['secret', 'rotate', '--retire'])).code, EXIT.done)
  assert.equal(await secrets.read('mail-password'), 'two\nlines')
  assert.equal((await cluster(['secret', 'remove', 'mail-password'])).code, EXIT.done)
  const gone = await cluster(['secret', 'remove', 'mail-password'])
  assert.deepEqual([gone.code, gone.err], [EXIT.failed, ['There is no secret of that name.']])
})

test('[CI11] the audit trail is listed, exported and verified, alone and against an earlier export', async (context) => {
  const { cluster, folder } = await stage(context)
  assert.deepEqual((await cluster(['audit', 'list'])).out, ['Nothing was done yet.'])
  for (const name of ['a', 'b', 'c']) await cluster(['secret', 'set', name], [`canary-${name}`])
  const listed = await cluster(['audit', 'list', '--limit', '2'])
  assert.equal(listed.out.length, 3)
  assert.match(listed.out[2] ?? '', /^3 {2}20.*127\.0\.0\.1 {2}secret\.set {2}secret\/c {2}done$/)
  const file = join(folder, 'audit.jsonl')
  assert.equal((await cluster(['audit', 'export', '--out', file])).code, EXIT.done)
  const exported = readFileSync(file, 'utf8')
  assert.deepEqual((await cluster(['audit', 'export'])).out, exported.trimEnd().split('\n'))
  assert.ok(!exported.includes('canary'))
  await cluster(['secret', 'remove', 'a'])
  for (const words of [[], ['--file', file], ['--against', file]]) {
    const { code, out } = await cluster(['audit', 'verify', ...words])
    assert.deepEqual([code, out[0]?.slice(0, 5)], [EXIT.done, 'All 3'.replace('3', words[0] === '--file' ? '3' : '4')])
  }
  writeFileSync(file, exported.replace('secret/b', 'secret/x'))
  const changed = await cluster(['audit', 'verify', '--file', file, '--json'])
  assert.equal(changed.code, EXIT.failed)
  assert.equal(JSON.parse(changed.out[0] ?? '').n, 2)
  const other = await stage(context)
  for (const name of ['a', 'b', 'd']) await other.cluster(['secret', 'set', name], ['x'])
  writeFileSync(file, exported)
  const anew = await other.cluster(['audit', 'verify', '--against', file])
  assert.equal(anew.code, EXIT.failed)
  assert.match(anew.out[0] ?? '', /made anew/)
})
