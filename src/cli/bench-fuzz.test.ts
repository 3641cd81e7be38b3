import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { keepFinding } from '../conformance/findings-node.ts'
import { EXIT } from './verb.ts'
import { runVerb } from './verb-stage.ts'

test('[CI2] bench fuzz knows its decoders, and reads an input again only for one of them', async (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-fuzz-'))
  context.after(() => rmSync(directory, { recursive: true, force: true }))
  const unknown = await runVerb(['bench', 'fuzz', '--decoder', 'client-frames'])
  assert.equal(unknown.code, EXIT.usage)
  assert.match(unknown.err.join('\n'), /Did you mean client-frame\?/)
  const file = keepFinding('client-frame', new TextEncoder().encode('{"type":"ping"}'), directory)
  assert.equal((await runVerb(['bench', 'fuzz', '--replay', file])).code, EXIT.usage)
  const replayed = await runVerb(['bench', 'fuzz', '--decoder', 'client-frame', '--replay', file])
  assert.equal(replayed.code, EXIT.done)
  assert.match(replayed.out.join('\n'), /client-frame takes the 15 bytes of .* as it should/)
})
