import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { idFromBits } from '../base/ids.ts'
import { REFUSALS } from '../base/refusals.ts'
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
    JSON.stringify({ ...send, body: { type: 'close', reason: 'idle' } }),
    JSON.stringify({ ...send, body: { type: 'close', reason: 'store-failure' } }),
    JSON.stringify({ ...send, body: [] }),
    JSON.stringify({ ...send, instance: '' }),
    JSON.stringify({ ...send, body: { type: 'whisper', to: 7, text: 'psst' } }),
    JSON.stringify({ ...hello, resume: Array(257).fill({ conversation, after: 0 }) }),
    JSON.stringify({ ...hello, token: { toString: 'x' } }),
    JSON.stringify({ ...send, body: { type: 'message', format: 'text', text: ['hi'] } }),
    JSON.stringify({ ...hello, resume: [{ conversation, after: -1 }] }),
  ]
  for (const source of bad) {
    const decoded = decodeClientFrame(source)
    assert.equal(decoded.kind === 'refused' && decoded.code, 'malformed', source)
  }
})

test('[PR4] U+0000 and half a surrogate pair are refused wherever they stand, and other Unicode is left as it is', () => {
  const say = (text: string) => ({ ...send, body: { type: 'message', format: 'text', text } })
  for (const fault of ['a\u0000', '\ud800', '\udc00b'])
    for (const frame of [say(fault), { ...send, key: fault }, { ...send, body: { type: 'leave', reason: fault } }]) {
      const decoded = decodeClientFrame(JSON.stringify(frame))
      assert.equal(decoded.kind === 'refused' && decoded.code, 'bad-text')
    }
  for (const text of ['\u{1f44d}\u{1f3fd}', 'e\u0301', '\u202e', '\ufeff', '\u2028'])
    assert.deepEqual(decodeClientFrame(JSON.stringify(say(text))), { kind: 'frame', frame: say(text) })
})

test('[PR5] a refused command is named, so that its sender can settle it', () => {
  const about = { conversation, key: 'k' }
  const wrong = decodeClientFrame(JSON.stringify({ ...send, body: { type: 'rate', score: 'five' } }))
  assert.deepEqual(wrong.kind === 'refused' && wrong.about, about)
  const label = decodeClientFrame(JSON.stringify({ ...send, body: { type: 'leave', reason: 'x'.repeat(2001) } }))
  assert.deepEqual(label.kind === 'refused' && [label.code, label.about], ['too-large', about])
  const nameless = decodeClientFrame(JSON.stringify({ ...send, key: ['k'] }))
  assert.equal(nameless.kind === 'refused' && nameless.about, undefined)
})

test('[PR6] what does not speak the protocol at all is told from a frame of another version', () => {
  const foreign = (source: string) => {
    const decoded = decodeClientFrame(source)
    return decoded.kind === 'refused' && decoded.foreign === true
  }
  for (const source of ['', 'GET / HTTP/1.1', '[]', '17', '{"type":7}']) assert.ok(foreign(source), source)
  for (const source of ['{"type":"wave"}', '{"type":"attach"}', '{"type":"__proto__"}'])
    assert.ok(!foreign(source), source)
})

test('[PR3] no input makes the decoder throw, and __proto__ changes nothing', () => {
  const anything = fc.oneof(fc.string(), fc.json(), fc.object().map(mixedInto))
  fc.assert(fc.property(anything, refusesOrDecodes), { numRuns: 3000 })
  const polluted = '{"type":"send","__proto__":{"polluted":1},"body":{"__proto__":{"polluted":1}},"constructor":{}}'
  refusesOrDecodes(polluted)
  assert.equal(Reflect.get({}, 'polluted'), undefined)
  refusesOrDecodes(`${'{"type":"send","body":'.repeat(5000)}1${'}'.repeat(5000)}`)
})

test('[PR3] a field that is not of this type of frame is not looked at, whatever it holds', () => {
  // The text of an object is what its own `toString` says: asked for, this one throws, and the process ended by it.
  for (const held of [{ toString: 1 }, { toString: null, valueOf: null }, '', 5])
    assert.deepEqual(decodeClientFrame(JSON.stringify({ type: 'ping', instance: held, key: held })), {
      kind: 'frame',
      frame: { type: 'ping' },
    })
})

test('[PR3] any part of a good frame replaced by anything is refused or still a good frame', () => {
  const part = fc.constantFrom('conversation', 'key', 'n', 'floor', 'instance', 'body', 'type')
  const broken = fc.tuple(part, fc.jsonValue()).map(([field, value]) => JSON.stringify({ ...send, [field]: value }))
  fc.assert(fc.property(broken, refusesOrDecodes), { numRuns: 3000 })
})

function mixedInto(value: object): string {
  return JSON.stringify({ ...send, ...value })
}

function refusesOrDecodes(source: string): void {
  const decoded = decodeClientFrame(source)
  if (decoded.kind === 'refused') assert.ok(decoded.code in REFUSALS)
  else assert.deepEqual(decodeClientFrame(JSON.stringify(decoded.frame)), decoded)
}

test('[PR7] the highest common version is spoken, and none is none', () => {
  assert.equal(commonVersion([1, 2], [2, 1]), 2)
  assert.equal(commonVersion([1], [2, 1]), 1)
  assert.equal(commonVersion([3], [2, 1]), undefined)
})
