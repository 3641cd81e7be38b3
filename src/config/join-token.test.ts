import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeJoinToken, encodeJoinToken } from './join-token.ts'

const SECRET = 'a secret of some length'

test('A join token survives the way through a shell and a mail [CF20]', () => {
  const token = { database: 'postgres://me:pä55@db-1,db-2/holdfast?sslmode=require', secret: SECRET }
  const text = encodeJoinToken(token)
  assert.match(text, /^hf1\.[A-Za-z0-9_-]+$/)
  assert.deepEqual(decodeJoinToken(` ${text}\n`), { kind: 'token', ...token })
})

test('What is wrong with a join token is said in a sentence [CF20]', () => {
  const good = encodeJoinToken({ database: 'postgres://db/holdfast', secret: SECRET })
  const cases: readonly [string, RegExp][] = [
    ['', /begins with/],
    ['postgres://db', /begins with/],
    ['hf2.abc', /another version/],
    [good.slice(0, -5), /damaged/],
    [`${good}!`, /damaged/],
    [encodeJoinToken({ database: 'no url', secret: SECRET }), /no database/],
    [encodeJoinToken({ database: 'postgres://db/holdfast', secret: 'short' }), /no secret/],
    [`hf1.${btoa('null')}`, /damaged/],
    [`hf1.${btoa('{}').replace(/=+$/, '')}`, /no database/],
  ]
  for (const [text, reason] of cases) {
    const decoded = decodeJoinToken(text)
    assert.equal(decoded.kind, 'bad-token', text)
    if (decoded.kind === 'bad-token') assert.match(decoded.reason, reason)
  }
})

test('No text makes the decoder throw [CF20]', () => {
  fc.assert(fc.property(fc.string(), (text) => void decodeJoinToken(`hf1.${text}`)))
})
