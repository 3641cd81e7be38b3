import fc from 'fast-check'
import { nearly } from './json-shapes.ts'

export const CONVERSATION = '0000000000001'

const send = { type: 'send', conversation: CONVERSATION, key: 'k', n: 1, floor: 1, instance: 'i' }
const BODIES: readonly Readonly<Record<string, unknown>>[] = [
  { type: 'join' },
  { type: 'leave', reason: 'bye' },
  { type: 'message', format: 'text', text: 'hi' },
  { type: 'note', text: 'n' },
  { type: 'whisper', to: 'a', text: 'psst' },
  { type: 'notice', notice: 'push', url: 'https://x', data: '{}' },
  { type: 'transfer', to: 'a', name: 'A' },
  { type: 'rate', score: 5, comment: 'fine' },
  { type: 'close', reason: 'by-visitor' },
]

/** One good frame of each type, and each command once. */
export const CLIENT_FRAMES: readonly Readonly<Record<string, unknown>>[] = [
  {
    type: 'hello',
    token: 't',
    versions: [1],
    instance: 'i',
    connection: 1,
    resume: [{ conversation: CONVERSATION, after: 0 }],
  },
  { type: 'attach', conversation: CONVERSATION, after: 0 },
  { type: 'detach', conversation: CONVERSATION },
  { type: 'typing', conversation: CONVERSATION, on: true },
  { type: 'seen', conversation: CONVERSATION, seq: 1 },
  { type: 'refresh', token: 't' },
  { type: 'ping' },
  { type: 'pong' },
  ...BODIES.map((body) => ({ ...send, body })),
]

export const CLIENT_WORDS: readonly string[] = [
  ...new Set(CLIENT_FRAMES.flatMap((frame) => [String(frame.type), ...Object.keys(frame)])),
  ...BODIES.flatMap((body) => [String(body.type), ...Object.keys(body)]),
  ...['library', 'text', 'markdown', 'by-agent', 'by-operator', '__proto__', 'constructor', CONVERSATION],
]

const FIELDS = [...new Set([...CLIENT_FRAMES, ...BODIES].flatMap((frame) => Object.keys(frame)))]

/** JSON texts that are nearly frames; in a command it is often the body that is not. */
export const NEARLY_FRAMES: fc.Arbitrary<string> = fc.oneof(
  ...CLIENT_FRAMES.map((frame) => nearly(frame, FIELDS)),
  ...BODIES.map((body) => nearly(body, FIELDS).map((json) => `${JSON.stringify(send).slice(0, -1)},"body":${json}}`)),
)
