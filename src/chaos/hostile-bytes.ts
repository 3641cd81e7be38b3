import type { SeededDice } from './seeded-dice.ts'

/** What a hostile client does on one connection: writes these, one after the other, and then nothing, or hangs up. */
export interface HostileCall {
  readonly kind: keyof typeof HOSTILE_KINDS
  readonly chunks: readonly Uint8Array[]
  readonly hangsUp: boolean
}

/** Each kind makes what follows the handshake; `http` ones come instead of it. */
export const HOSTILE_KINDS = {
  'random bytes': (dice) => [randomBytes(dice, 1, 4096)],
  'random text': (dice) => [
    frame(
      TEXT,
      Array.from(randomBytes(dice, 1, 400), (byte) => byte % 128),
    ),
  ],
  'broken UTF-8': (dice) => [frame(TEXT, [0xc3, 0x28, ...randomBytes(dice, 1, 20)])],
  'unmasked frame': () => [Uint8Array.of(0x81, 2, 0x7b, 0x7d)],
  'reserved bits': (dice) => [Uint8Array.of(0xf1 | (whole(dice, 0, 7) << 4), 0x80, 1, 2, 3, 4)],
  'unknown opcode': (dice) => [Uint8Array.of(0x80 | whole(dice, 3, 7), 0x80, 1, 2, 3, 4)],
  'frame without end': () => [Uint8Array.of(0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4)],
  'half a frame': (dice) => [frame(TEXT, randomBytes(dice, 100, 120)).subarray(0, whole(dice, 1, 90))],
  'frame beyond the limit': (dice) => [frame(TEXT, new Uint8Array(whole(dice, 66_000, 100_000)).fill(0x61))],
  'message of a thousand pieces': () => [
    frame(TEXT, [0x7b], false),
    ...Array.from({ length: 1000 }, () => frame(0, [0x61], false)),
  ],
  'control frame in pieces': () => [frame(PING, [1], false), frame(0, [2])],
  'many pings': () => Array.from({ length: 500 }, () => frame(PING, [1, 2, 3])),
  'close with a wrong code': (dice) => [frame(CLOSE, [whole(dice, 0, 3), whole(dice, 0, 255)])],
  'wrong types': (dice) => [json(dice, WRONG_TYPES)],
  'before hello': (dice) => [json(dice, BEFORE_HELLO)],
  'deep nesting': () => [frame(TEXT, bytes(`${'['.repeat(20_000)}`))],
  'http garbage': (dice) => [bytes('GET /connect HTTP/1.1\r\n'), randomBytes(dice, 10, 2000)],
  'http header without end': () => [bytes(`GET /connect HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(100_000)}`)],
} as const satisfies Readonly<Record<string, (dice: SeededDice) => readonly Uint8Array[]>>

/** A handshake that is right: what comes behind it is read as frames. */
export const HANDSHAKE = bytes(
  [
    'GET /connect HTTP/1.1',
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Protocol: holdfast.v1',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    '\r\n',
  ].join('\r\n'),
)

const TEXT = 1
const CLOSE = 8
const PING = 9

const WRONG_TYPES: readonly string[] = [
  'null',
  '[]',
  '"hello"',
  '0',
  '{}',
  '{"type":"hello"}',
  '{"type":"hello","token":{},"versions":"1","instance":[],"connection":-1,"resume":{}}',
  '{"type":"hello","token":"x","versions":[1e400],"instance":"i","connection":1,"resume":[]}',
  '{"type":"hello","token":"\\u0000","versions":[1],"instance":"i","connection":1,"resume":[]}',
  '{"type":"constructor"}',
  '{"type":"__proto__","__proto__":{"type":"hello"}}',
  '{"type":["hello"],"toString":1}',
  '{"type":"hello","toString":null,"valueOf":{}}',
]

const BEFORE_HELLO: readonly string[] = [
  '{"type":"ping"}',
  '{"type":"attach","conversation":"0000000000000","after":0}',
  '{"type":"send","conversation":"0000000000000","key":"k","n":1,"floor":0,"body":{"type":"close"}}',
  '{"type":"refresh","token":"x"}',
  '{"type":"typing","conversation":"0000000000000","on":true}',
]

/** The next one, as the dice draw it. */
export function hostileCall(dice: SeededDice): HostileCall {
  const kinds = Object.keys(HOSTILE_KINDS) as (keyof typeof HOSTILE_KINDS)[]
  const kind = kinds[whole(dice, 0, kinds.length - 1)] ?? 'random bytes'
  const chunks = HOSTILE_KINDS[kind](dice)
  return { kind, chunks: kind.startsWith('http') ? chunks : [HANDSHAKE, ...chunks], hangsUp: dice.fraction() < 0.5 }
}

/** A frame as a client sends it, masked by zeros. */
export function frame(opcode: number, payload: Iterable<number>, last = true): Uint8Array {
  const body = Uint8Array.from(payload)
  const { length } = body
  const extended = length < 126 ? [] : length < 65_536 ? bigEndian(length, 2) : bigEndian(length, 8)
  const marker = length < 126 ? length : length < 65_536 ? 126 : 127
  const head = [(last ? 0x80 : 0) | opcode, 0x80 | marker, ...extended, 0, 0, 0, 0]
  const whole = new Uint8Array(head.length + length)
  whole.set(head)
  whole.set(body, head.length)
  return whole
}

function json(dice: SeededDice, texts: readonly string[]): Uint8Array {
  return frame(TEXT, bytes(dice.pick(texts) ?? ''))
}

function bigEndian(value: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => Math.floor(value / 256 ** (count - 1 - index)) % 256)
}

function randomBytes(dice: SeededDice, min: number, max: number): Uint8Array {
  return Uint8Array.from({ length: whole(dice, min, max) }, () => whole(dice, 0, 255))
}

/** A whole number, both ends included. */
function whole(dice: SeededDice, min: number, max: number): number {
  return Math.floor(dice.between(min, max + 1))
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
