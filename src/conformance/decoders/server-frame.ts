import fc from 'fast-check'
import { decodeServerFrame } from '../../protocol/server-frame-decoder.ts'
import { type FuzzedDecoder, mustHold } from '../fuzzed-decoder.ts'
import { CONVERSATION } from './client-frame-shapes.ts'
import { nearly, textOf } from './json-shapes.ts'

const event = { seq: 1, at: 5, type: 'message', from: 'v', body: { text: 'hi' } }
const FRAMES: readonly Readonly<Record<string, unknown>>[] = [
  { type: 'welcome', node: 'e1', version: 1, heartbeatMs: 1, limits: { frameBytes: 1, textLength: 1 }, addresses: [] },
  { type: 'events', conversation: CONVERSATION, events: [event, { type: 'skip', seq: 2 }] },
  { type: 'ack', conversation: CONVERSATION, key: 'k', seq: 3 },
  { type: 'refused', code: 'busy', definite: true },
  { type: 'status', conversation: CONVERSATION, status: 'live' },
  { type: 'seen', conversation: CONVERSATION, from: 'a', seq: 2 },
  { type: 'notice', conversation: CONVERSATION, from: 'a', notice: 'n' },
  { type: 'goaway', withinMs: 5 },
  { type: 'ping' },
]

/** Frames of servers, as pages read them. */
export const decoder: FuzzedDecoder = {
  seeds: FRAMES.map((frame) => JSON.stringify(frame)),
  words: [...new Set(FRAMES.flatMap((frame) => [String(frame.type), ...Object.keys(frame)]))],
  drawn: fc.oneof(...FRAMES.map((frame) => nearly(frame))),
  read(input) {
    const frame = decodeServerFrame(textOf(input))
    if (frame?.type === 'events')
      mustHold(
        frame.events.every(({ seq }) => Number.isSafeInteger(seq)),
        'events have a place',
      )
  },
}
