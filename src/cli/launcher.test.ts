import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'

const LAUNCHER = join(import.meta.dirname, '..', '..', 'bin', 'holdfast.js')
// Stands for an old runtime: only the launcher's own process believes it.
const OLD_NODE = `data:text/javascript,${encodeURIComponent(
  "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.1.0' } })",
)}`

function launch(launcher: string, words: readonly string[], runtime: readonly string[] = []) {
  return spawnSync(process.execPath, [...runtime, launcher, ...words], { encoding: 'utf8', timeout: 30_000 })
}

test('the launcher passes words, output and exit code on', () => {
  const help = launch(LAUNCHER, ['--help'])
  assert.equal(help.status, 0)
  assert.match(help.stdout, /Usage:/)
  const wrong = launch(LAUNCHER, ['no-such-verb'])
  assert.equal(wrong.status, 2)
  assert.match(wrong.stderr, /no verb "no-such-verb"/)
})

test('an old Node starts the one that the install brought', () => {
  const help = launch(LAUNCHER, ['--help'], ['--import', OLD_NODE])
  assert.equal(help.status, 0, help.stderr)
  assert.match(help.stdout, /Usage:/)
  assert.equal(launch(LAUNCHER, ['no-such-verb'], ['--import', OLD_NODE]).status, 2)
})

test('an old Node without another one says what to install', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-launcher-'))
  try {
    mkdirSync(join(folder, 'holdfast', 'bin'), { recursive: true })
    cpSync(LAUNCHER, join(folder, 'holdfast', 'bin', 'holdfast.mjs'))
    const alone = launch(join(folder, 'holdfast', 'bin', 'holdfast.mjs'), [], ['--import', OLD_NODE])
    assert.equal(alone.status, 69)
    assert.match(alone.stderr, /needs Node 24 or newer.*\n.*npm ci/)
    const unbuilt = launch(join(folder, 'holdfast', 'bin', 'holdfast.mjs'), [])
    assert.equal(unbuilt.status, 69)
    assert.match(unbuilt.stderr, /npm run build/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
