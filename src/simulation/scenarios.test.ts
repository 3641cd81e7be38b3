import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import test from 'node:test'
import { playScript } from './scenario-script.ts'

const folder = new URL('./scenarios/', import.meta.url)

for (const file of readdirSync(folder).filter((name) => name.endsWith('.txt')))
  test(`[SI8] the transcript ${file} is what happens`, async () => {
    const told = readFileSync(new URL(file, folder), 'utf8')
    const played = await playScript(told)
    // After a wanted change of behaviour: HOLDFAST_REWRITE=1 node --test src/simulation/scenarios.test.ts, then read the diff.
    if (process.env.HOLDFAST_REWRITE) writeFileSync(new URL(file, folder), played)
    else assert.equal(played, told)
    assert.match(played, /^no rule was broken$/m)
  })
