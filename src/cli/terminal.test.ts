import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import test from 'node:test'
import { pathToFileURL } from 'node:url'

const TERMINAL = pathToFileURL(join(import.meta.dirname, 'terminal-node.ts')).href

test('[CI4] a verb that has read its last line ends, though its input stays open', { timeout: 30_000 }, async () => {
  const program = `
    import { terminal } from '${TERMINAL}'
    for await (const line of terminal().lines()) if (line === 'stop') break`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['pipe', 'inherit', 'inherit'],
  })
  child.stdin.write('go on\nstop\n')
  const [code] = await once(child, 'exit')
  child.stdin.destroy()
  assert.equal(code, 0)
})
