import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import test from 'node:test'

// `npm test -- promtool` runs this, and `npm test` does not: it needs promtool (Debian: the package prometheus).
const RULES = join(import.meta.dirname, '..', '..', 'deploy', 'prometheus')

for (const words of [
  ['check', 'rules', 'holdfast.rules.yml'],
  ['test', 'rules', 'holdfast.rules.test.yml'],
])
  test(`[OP50] promtool ${words.join(' ')}`, () => {
    const { error, status, stdout, stderr } = spawnSync('promtool', words, { cwd: RULES, encoding: 'utf8' })
    assert.ok(!error, 'promtool must be here: apt-get install prometheus')
    assert.equal(status, 0, `${stdout}${stderr}`)
  })
