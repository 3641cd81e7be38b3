import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { EventRecord } from '../base/event-record.ts'
import { refuse } from '../base/refusals.ts'
import { decodeFrame, encodeEvents, encodeFrame, packFrames, unpackFrames } from './relay-codec.ts'
import type { RelayFrame } from './relay-frames.ts'
import { encodeRecords } from './relay-values.ts'

const conversation = '0000000000001'
const CONVERSATION = fc.stringMatching(/^[0-7][0-9a-hjkmnp-tv-z]{12}$/)
const NUMBER = fc.nat(0xffffffff)
const SEQ = fc.maxSafeNat()
const TEXT = fc.string({ unit: 'grapheme' })
const RECORD: fc.Arbitrary<EventRecord> = fc.record(
  {
    seq: SEQ,
    epoch: SEQ,
    at: fc.double({ noNaN: true, noDefaultInfinity: true }),
    audience: fc.constantFrom('everyone' as const, 'staff' as const),
    sender: TEXT,
    key: TEXT,
    digest: TEXT,
    json: TEXT,
  },
  { requiredKeys: ['seq', 'epoch', 'at', 'audience', 'sender', 'json'] },
)
const MOVED = fc
  .record({ owner: fc.string({ minLength: 1 }), epoch: fc.integer({ min: 1 }) }, { requiredKeys: [] })
  .map((more) => ({ kind: 'moved' as const, ...more }))
const REFUSAL = fc.constantFrom(
  refuse('busy', { retryAfterMs: 250 }),
  refuse('unknown-conversation'),
  refuse('malformed', { detail: 'Not “this”.' }),
)
const EPHEMERAL = fc.oneof(
  fc.record({ type: fc.constant('typing' as const), from: TEXT, on: fc.boolean() }),
  fc.record({ type: fc.constant('seen' as const), from: TEXT, seq: SEQ }),
)
const STATUS = fc.constantFrom('live' as const, 'resuming' as const, 'store-unavailable' as const)
const RECORDS = fc.array(RECORD, { maxLength: 5 })
const REPLY = fc.oneof(
  fc.record({ kind: fc.constant('ack' as const), seq: SEQ }),
  fc.record({ kind: fc.constant('events' as const), headSeq: SEQ, records: RECORDS }),
  MOVED,
  REFUSAL,
)
const JSON_VALUE = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)))
const SUBMISSION = fc.record({
  sender: fc.record({ id: TEXT, role: fc.constant('visitor' as const), name: TEXT }),
  key: TEXT,
  command: fc.record({ type: fc.constant('message' as const), format: fc.constant('text' as const), text: TEXT }),
})
const attached = { attachment: NUMBER, conversation: CONVERSATION }
const type = <Type extends RelayFrame['type']>(name: Type) => fc.constant(name)
const FRAME: fc.Arbitrary<RelayFrame> = fc
  .oneof(
    fc.record({ type: type('attach'), ...attached, after: SEQ }),
    fc.record({ type: type('attached'), ...attached, epoch: SEQ, headSeq: SEQ }),
    fc.record({ type: type('moved'), ...attached, moved: MOVED }),
    fc.record({ type: type('ended'), ...attached, refusal: REFUSAL }),
    fc.record({ type: type('detach'), ...attached }),
    fc.record({ type: type('events'), ...attached, epoch: SEQ, records: RECORDS }),
    fc.record({ type: type('status'), ...attached, epoch: SEQ, status: STATUS }),
    fc.record({ type: type('ephemeral'), ...attached, epoch: SEQ, ephemeral: EPHEMERAL }),
    fc.record({ type: type('submit'), request: NUMBER, conversation: CONVERSATION, submission: SUBMISSION }),
    fc.record({ type: type('read'), request: NUMBER, conversation: CONVERSATION, after: SEQ, limit: NUMBER }),
    fc.record({ type: type('reply'), request: NUMBER, reply: REPLY }),
    fc.record({ type: type('signal'), conversation: CONVERSATION, ephemeral: EPHEMERAL }),
    fc.record({
      type: type('announce'),
      ownerships: fc.array(fc.record({ conversation: CONVERSATION, epoch: SEQ, owner: TEXT })),
    }),
    fc.record({ type: type('ask'), request: NUMBER, kind: TEXT, body: JSON_VALUE }),
    fc.record({
      type: type('answer'),
      request: NUMBER,
      answer: fc.oneof(
        fc.record({ kind: fc.constant('answered' as const), body: JSON_VALUE }),
        fc.record({ kind: fc.constant('failed' as const), reason: TEXT }),
      ),
    }),
  )
  // With the prototypes that decoded frames have.
  .map((frame) => structuredClone(frame))

test('Every frame comes out as it went in [CL20]', () => {
  fc.assert(fc.property(FRAME, (frame) => assert.deepEqual(decodeFrame(encodeFrame(frame)), frame)))
})

test("An event's text travels byte for byte [CL20]", () => {
  fc.assert(
    fc.property(RECORDS, NUMBER, (records, attachment) => {
      const bytes = encodeEvents(attachment, conversation, 7, encodeRecords(records))
      assert.deepEqual(bytes, encodeFrame({ type: 'events', attachment, conversation, epoch: 7, records }))
      for (const { json } of records) assert.ok(Buffer.from(bytes).includes(Buffer.from(json)))
    }),
  )
})

test('A frame that was cut short is garbage, and a longer one is of a newer version [CL20]', () => {
  fc.assert(
    fc.property(FRAME, fc.nat(), (frame, cut) => {
      const bytes = encodeFrame(frame)
      const short = decodeFrame(bytes.subarray(0, cut % bytes.length))
      // A list or an absent text may end early and still be whole; it is never taken for more than was sent.
      if (short !== 'garbage') assert.ok(encodeFrame(short as RelayFrame).length <= bytes.length)
      assert.deepEqual(decodeFrame(Buffer.concat([bytes, Buffer.from('more')])), frame)
    }),
  )
})

test('No bytes make the decoders throw [CL20]', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 0, max: 40 }), (bytes, first) => {
      bytes[0] = first
      decodeFrame(bytes)
      for (const frame of unpackFrames(bytes) ?? []) decodeFrame(frame)
    }),
    { numRuns: 5000 },
  )
})

test('One changed byte makes no decoder throw [CL20]', () => {
  fc.assert(
    fc.property(FRAME, fc.nat(), fc.nat(255), (frame, at, value) => {
      const bytes = encodeFrame(frame)
      bytes[at % bytes.length] = value
      decodeFrame(bytes)
    }),
    { numRuns: 3000 },
  )
})

test('A reason that is no text is garbage, and nothing that it holds is called [CL20]', () => {
  const answered = encodeFrame({ type: 'answer', request: 1, answer: { kind: 'answered', body: { toString: 1 } } })
  // The byte after the type and the number of the request.
  answered[5] = 0
  assert.equal(decodeFrame(answered), 'garbage')
})

test('Lengths that cannot be true are garbage before anything is made of them [CL20]', () => {
  const huge = encodeFrame({ type: 'announce', ownerships: [] })
  new DataView(huge.buffer, huge.byteOffset).setUint32(1, 0xffffffff)
  assert.equal(decodeFrame(huge), 'garbage')
  assert.equal(decodeFrame(new Uint8Array()), 'garbage')
  assert.equal(decodeFrame(Uint8Array.of(3)), 'garbage')
  assert.equal(unpackFrames(Uint8Array.of(16, 0, 0, 0, 9, 1)), undefined)
})

test('A type of a newer version is unknown, not garbage, and an unknown refusal is nothing definite [CL20]', () => {
  assert.equal(decodeFrame(Uint8Array.of(200, 1, 2, 3)), 'unknown')
  const refusal = { kind: 'refused', code: 'of-a-newer-version' } as unknown as ReturnType<typeof refuse>
  const decoded = decodeFrame(encodeFrame({ type: 'ended', attachment: 1, conversation, refusal }))
  assert.deepEqual(decoded, { type: 'ended', attachment: 1, conversation, refusal: refuse('owner-unreachable') })
})

test('Frames come out of a pack in their order [CL21]', () => {
  fc.assert(
    fc.property(fc.array(FRAME, { minLength: 1, maxLength: 6 }), (frames) => {
      const unpacked = unpackFrames(packFrames(frames.map(encodeFrame)))
      assert.deepEqual(unpacked?.map(decodeFrame), frames)
    }),
  )
})
