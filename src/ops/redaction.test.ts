import assert from 'node:assert/strict'
import test from 'node:test'
import { loggable, withoutSecrets } from './redaction.ts'

test('[OP1] passwords, tokens and keys never reach the log, wherever they stand', () => {
  const jwt = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ2In0.c2lnbmF0dXJl'
  const table: readonly (readonly [string, string])[] = [
    ['postgres://holdfast:geheim@db:5432/x', 'postgres://holdfast:***@db:5432/x'],
    ['postgresql://a:p%40ss@h1,h2/db?x=1', 'postgresql://a:***@h1,h2/db?x=1'],
    [`refused ${jwt} here`, 'refused [token] here'],
    ['join with hf1.eyJkYXRhYmFzZSI6Ing', 'join with [join token]'],
    ['Authorization: Bearer abc.def', 'Authorization: Bearer ***'],
    ['GET /x?token=abc&y=1', 'GET /x?token=***&y=1'],
    ['/agent#token=abc', '/agent#token=***'],
    ['nothing secret', 'nothing secret'],
  ]
  for (const [text, expected] of table) assert.equal(withoutSecrets(text), expected)
  const pem = '-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----'
  assert.equal(withoutSecrets(`x ${pem} y`), 'x [private key] y')
  const fields = loggable({ url: 'pg://u:p@h', nested: { password: 'p', list: [jwt] }, secret: 'x' }, true)
  assert.deepEqual(fields, { url: 'pg://u:***@h', nested: { password: '***', list: ['[token]'] }, secret: '***' })
})

test('[OP2] what people wrote stays out of the log unless the operator asks for it', () => {
  const fields = { conversation: 'c', text: 'hello', event: { body: { text: 'hello' } } }
  assert.deepEqual(loggable(fields, false), { conversation: 'c', text: '[text]', event: { body: '[text]' } })
  assert.deepEqual(loggable(fields, true), fields)
})

test('an error is logged by name, message, code and the first frames, without its secrets', () => {
  const error = Object.assign(new Error('no answer from pg://u:p@h'), { code: 'ECONNREFUSED' })
  const { error: clean } = loggable({ error }, false) as { error: { at: string[] } & Record<string, unknown> }
  const { at, ...rest } = clean
  assert.deepEqual(rest, { name: 'Error', message: 'no answer from pg://u:***@h', code: 'ECONNREFUSED' })
  assert.ok(at.length > 0 && at.length <= 4)
})

test('values that JSON cannot carry or that never end are made harmless', () => {
  const circle: Record<string, unknown> = {}
  circle.self = circle
  const clean = loggable({ big: 5n, gone: undefined, circle }, false)
  assert.doesNotThrow(() => JSON.stringify(clean))
  assert.equal(clean.big, '5')
})
