import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { idFromBits } from '../base/ids.ts'
import { decodeClientFrame } from './client-frame-schema.ts'
import { commonVersion } from './versions.ts'

const conversation = idFromBits(42n)
const send = {
  type: 'send',
  conversation,
  key: 'k',
  n: 1,
  floor: 1,
  body: { type: 'message', format: 'text', text: 'hi' },
}
const hello = {
  type: 'hello',
  token: 't',
  versions: [1],
  instance: 'i',
  connection: 0,
  resume: [{ conversation, after: 3 }],
}

test('[PR1] every frame of the protocol is understood', () => {
  const frames = [
    hello,
    send,
    { type: 'attach', conversation, after: 0 },
    { type: 'detach', conversation },
    { type: 'typing', conversation, on: true },
    { type: 'seen', conversation, seq: 4 },
    { type: 'refresh', token: 't' },
    { type: 'ping' },
    { type: 'pong' },
  ]
  for (const frame of frames) assert.deepEqual(decodeClientFrame(JSON.stringify(frame)), { kind: 'frame', frame })
})

test('[PR2] unknown fields are dropped, so that a newer client is understood', () => {
  const newer = { ...send, colour: 'blue', body: { ...send.body, weight: 3 } }
  assert.deepEqual(decodeClientFrame(JSON.stringify(newer)), { kind: 'frame', frame: send })
})

test('[PR3] what is not a frame is refused as malformed', () => {
  const bad = [
    '',
    'null',
    '[]',
    '"hello"',
    '{',
    '{"type":"open"}',
    '{"type":"constructor"}',
    '{"type":{"toString":"hello"}}',
    JSON.stringify({ ...send, conversation: 'nonsense' }),
    JSON.stringify({ ...send, key: { $gt: '' } }),
    JSON.stringify({ ...send, key: 'k'.repeat(65) }),
    JSON.stringify({ ...send, n: 0 }),
    JSON.stringify({ ...send, n: 1.5 }),
    JSON.stringify({ ...send, n: 2 ** 60 }),
    JSON.stringify({ ...send, body: { type: 'timer', kind: 'idle-close', armedSeq: 1 } }),
    JSON.stringify({ ...send, body: { type: 'open', mode: 'live' } }),
    JSON.stringify({ ...send, body: { type: 'close', reason: 'by-operator' } }),
    JSON.stringify({ ...send, body: { type: 'message', format: 'text', text: ['hi'] } }),
    JSON.stringify({ ...hello, resume: [{ conversation, after: -1 }] }),
  ]
  for (const source of bad) {
    const decoded = decodeClientFrame(source)
    assert.equal(decoded.kind === 'refused' && decoded.code, 'malformed', source)
  }
})

test('a key with U+0000 or half a surrogate pair is refused', () => {
  for (const key of ['a\u0000', '\ud800']) {
    const decoded = decodeClientFrame(JSON.stringify({ ...send, key }))
    assert.equal(decoded.kind === 'refused' && decoded.code, 'bad-text')
  }
})

test('[PR3] no input makes the decoder throw, and __proto__ changes nothing', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.object().map((value) => JSON.stringify({ ...send, ...value })),
      ),
      (source) => {
        decodeClientFrame(source)
      },
    ),
    { numRuns: 2000 },
  )
  decodeClientFrame('{"type":"ping","__proto__":{"polluted":true}}')
  assert.equal(Reflect.get({}, 'polluted'), undefined)
})

test('[PR4] the highest common version is spoken, and none is none', () => {
  assert.equal(commonVersion([1, 2], [2, 1]), 2)
  assert.equal(commonVersion([1], [2, 1]), 1)
  assert.equal(commonVersion([3], [2, 1]), undefined)
})
