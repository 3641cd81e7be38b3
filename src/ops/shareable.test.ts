import assert from 'node:assert/strict'
import test from 'node:test'
import { shareableJson, shareableLines } from './shareable.ts'

test('[OP35] what leaves the house holds no secret and nothing that people wrote, whatever was logged', () => {
  const lines = [
    '{"level":"info","sentence":"from pg://u:geheim@h","text":"hello","nested":{"password":"geheim"}}',
    'Error: cannot reach postgres://u:geheim@h/x',
    '["a line that is cut',
    '5',
  ]
  const shared = shareableLines(lines).split('\n')
  assert.deepEqual(JSON.parse(shared[0] ?? ''), {
    ...{ level: 'info', sentence: 'from pg://u:***@h', text: '[text]', nested: { password: '***' } },
  })
  assert.deepEqual(shared.slice(1), ['Error: cannot reach postgres://u:***@h/x', '["a line that is cut', '5', ''])
  assert.ok(!shareableJson({ database: 'postgres://u:geheim@h', secret: 'geheim' }).includes('geheim'))
})
