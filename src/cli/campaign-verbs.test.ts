import assert from 'node:assert/strict'
import test from 'node:test'
import { EXIT } from './verb.ts'
import { runVerb } from './verb-stage.ts'

test('[CI2] a campaign with a wrong command line starts no cluster and says what would be right', async () => {
  const table: readonly (readonly [readonly string[], RegExp])[] = [
    [['chaos'], /What to do .* is missing/],
    [['chaos', 'kil'], /cannot "kil". Did you mean kill/],
    [['chaos', 'kill', '--target', 'moon'], /one of chat, edge, database, not "moon"/],
    [['chaos', 'kill', '--target', 'edge', '--pause'], /--pause stops chat nodes/],
    [['chaos', 'kill', '--kills', '0'], /--kills must be/],
    [['chaos', 'mail', '--kills', '0'], /--kills must be/],
    [['chaos', 'kill', '--seed', 'red'], /--seed must be/],
    [['chaos', 'roll', '--conversations', 'all'], /--conversations must be/],
    [['chaos', 'roll', '--every', 'often'], /--every must be a time/],
    [['chaos', 'campaign', '--minutes', '0'], /--minutes must be/],
    [
      ['chaos', 'campaign', '--faults', 'kill-chat,cut-node-databas'],
      /no fault "cut-node-databas". Did you mean cut-node/,
    ],
    [['up', '--node-settings', '/nowhere/settings.json'], /--node-settings \/nowhere\/settings.json: ENOENT/],
    [['up', '--database-port', 'high'], /--database-port must be/],
    [['bench'], /What to measure .* is missing/],
    [['bench', 'apend'], /cannot "apend". Did you mean append/],
    [['bench', 'append', '--rounds', '0'], /--rounds must be/],
  ]
  for (const [words, message] of table) {
    const { code, out, err } = await runVerb(words)
    assert.equal(code, EXIT.usage, `${words.join(' ')}: ${err.join('\n')}`)
    assert.match(err.join('\n'), message, words.join(' '))
    assert.deepEqual(out, [])
  }
})
