import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { idFromBits } from '../base/ids.ts'
import type { ServerFrame } from './client-frames.ts'
import { decodeServerFrame } from './server-frame-decoder.ts'

const conversation = idFromBits(7n)
const limits = { frameBytes: 65_536, textLength: 16_000 }
const event = { seq: 1, at: 5, type: 'message', from: 'v', body: { format: 'text', text: 'hi' } }

/** One of each: the compiler says when one is missing. */
const EXAMPLES: { readonly [Type in ServerFrame['type']]: Extract<ServerFrame, { type: Type }> } = {
  welcome: { type: 'welcome', node: 'edge-1', version: 1, heartbeatMs: 1000, limits, addresses: ['wss://b/connect'] },
  events: { type: 'events', conversation, events: [event, { type: 'skip', seq: 2 }] },
  ack: { type: 'ack', conversation, key: 'k', seq: 3 },
  refused: { type: 'refused', conversation, key: 'k', code: 'busy', definite: true, retryAfterMs: 250 },
  status: { type: 'status', conversation, status: 'resuming' },
  typing: { type: 'typing', conversation, from: 'a', on: true },
  seen: { type: 'seen', conversation, from: 'a', seq: 2 },
  notice: { type: 'notice', conversation, from: 'a1', notice: 'scrolled' },
  ended: { type: 'ended', conversation, code: 'unknown-conversation' },
  goaway: { type: 'goaway', withinMs: 2000, hint: 'wss://b/connect' },
  ping: { type: 'ping' },
  pong: { type: 'pong' },
}

test('[PR8] a client understands every frame of a server, and fields that it does not know do no harm', () => {
  for (const frame of Object.values(EXAMPLES)) {
    assert.deepEqual(decodeServerFrame(JSON.stringify(frame)), frame)
    assert.ok(decodeServerFrame(JSON.stringify({ ...frame, newer: { than: 'us' } })))
  }
})

test('[PR8] a client passes over what it does not know, and never throws', () => {
  const strange = ['', '{', 'null', '3', '{}', '{"type":"wave"}', '{"type":"toString"}', '{"type":{"toString":1}}']
  for (const source of strange) assert.equal(decodeServerFrame(source), undefined, source)
  assert.equal(decodeServerFrame('{"type":"events","conversation":"c","events":{}}'), undefined)
  for (const event of ['null', '7', '{}', '{"seq":"1"}', '{"seq":1.5}'])
    assert.equal(decodeServerFrame(`{"type":"events","conversation":"c","events":[${event}]}`), undefined, event)
  assert.equal(decodeServerFrame('{"type":"ack","conversation":"c","key":"k","seq":"3"}'), undefined)
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (source) => void decodeServerFrame(source)))
})
