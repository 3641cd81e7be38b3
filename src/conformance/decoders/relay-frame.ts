import fc from 'fast-check'
import { refuse } from '../../base/refusals.ts'
import { decodeFrame, encodeFrame, packFrames, unpackFrames } from '../../cluster/relay-codec.ts'
import type { RelayFrame } from '../../cluster/relay-frames.ts'
import { type FuzzedDecoder, mustHold } from '../fuzzed-decoder.ts'
import { CONVERSATION } from './client-frame-shapes.ts'
import { HOSTILE } from './json-shapes.ts'

const attached = { attachment: 1, conversation: CONVERSATION }
const record = {
  seq: 1,
  epoch: 1,
  at: 1.5,
  audience: 'everyone',
  sender: 'v',
  key: 'k',
  digest: 'd',
  json: '{}',
} as const
const submission = {
  sender: { id: 'v', role: 'visitor', name: 'V' },
  key: 'k',
  command: { type: 'message', format: 'text', text: 'hi' },
} as const
const FRAMES: readonly RelayFrame[] = [
  { type: 'attach', ...attached, after: 0 },
  { type: 'attached', ...attached, epoch: 1, headSeq: 1 },
  { type: 'moved', ...attached, moved: { kind: 'moved', owner: 'o', epoch: 2 } },
  { type: 'ended', ...attached, refusal: refuse('busy', { retryAfterMs: 5, detail: 'd' }) },
  { type: 'detach', ...attached },
  { type: 'events', ...attached, epoch: 1, records: [record, { ...record, audience: 'staff' }] },
  { type: 'status', ...attached, epoch: 1, status: 'resuming' },
  { type: 'ephemeral', ...attached, epoch: 1, ephemeral: { type: 'typing', from: 'v', on: true } },
  { type: 'submit', request: 1, conversation: CONVERSATION, submission },
  { type: 'read', request: 1, conversation: CONVERSATION, after: 0, limit: 10 },
  { type: 'reply', request: 1, reply: { kind: 'ack', seq: 1 } },
  { type: 'reply', request: 1, reply: { kind: 'events', headSeq: 1, records: [record] } },
  { type: 'reply', request: 1, reply: { kind: 'moved' } },
  { type: 'reply', request: 1, reply: refuse('unknown-conversation') },
  { type: 'signal', conversation: CONVERSATION, ephemeral: { type: 'seen', from: 'v', seq: 1 } },
  { type: 'announce', ownerships: [{ conversation: CONVERSATION, epoch: 1, owner: 'o' }] },
  { type: 'ask', request: 1, kind: 'view', body: { a: [1] } },
  { type: 'answer', request: 1, answer: { kind: 'answered', body: null } },
  { type: 'answer', request: 1, answer: { kind: 'failed', reason: 'no' } },
]

/** Good frames around values that are none: what a peer of another version may send as JSON. */
const HOSTILE_FRAMES = HOSTILE.map((value): RelayFrame[] => [
  { type: 'ask', request: 1, kind: 'k', body: value },
  { type: 'answer', request: 1, answer: { kind: 'answered', body: value } },
  { type: 'ended', ...attached, refusal: value as never },
  { type: 'ephemeral', ...attached, epoch: 1, ephemeral: value as never },
  { type: 'submit', request: 1, conversation: CONVERSATION, submission: value as never },
  { type: 'submit', request: 1, conversation: CONVERSATION, submission: { ...submission, command: value as never } },
])

/** What nodes say to each other, taken out of its pack. */
export const decoder: FuzzedDecoder = {
  seeds: [...FRAMES.map(encodeFrame), packFrames(FRAMES.slice(0, 5).map(encodeFrame))],
  words: [CONVERSATION, '{"kind":"refused","code":"busy"}', '\u0000\u0000\u0000\u0001', '\u0010', '\u0016'],
  drawn: HOSTILE_FRAMES.chain((frames) => fc.constantFrom(...frames, ...FRAMES)).map(encodeFrame),
  read(input) {
    for (const packed of unpackFrames(input) ?? []) {
      const frame = decodeFrame(packed)
      if (typeof frame === 'string') continue
      const bytes = encodeFrame(frame)
      const again = decodeFrame(bytes)
      mustHold(typeof again !== 'string', 'a frame that was taken is taken again')
      mustHold(
        Buffer.from(encodeFrame(again)).equals(bytes),
        'a frame that was taken is the same when it is taken again',
      )
    }
  },
}
