import { bytesOf, clientFrame, close, continuation, ping, text } from './frame-bytes.ts'
import { handshake } from './handshake-text.ts'
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
  'random text': (dice) => [text(randomBytes(dice, 1, 400).map((byte) => byte % 128))],
  'broken UTF-8': (dice) => [text(Uint8Array.of(0xc3, 0x28, ...randomBytes(dice, 1, 20)))],
  'unmasked frame': () => [text('{}', { mask: 'none' })],
  'reserved bits': (dice) => [text('', { rsv: whole(dice, 1, 7) })],
  'unknown opcode': (dice) => [clientFrame({ opcode: whole(dice, 3, 7) })],
  'frame without end': () => [text('', { claimedLength: 2n ** 63n - 1n })],
  'half a frame': (dice) => [text(randomBytes(dice, 100, 120)).subarray(0, whole(dice, 1, 90))],
  'frame beyond the limit': (dice) => [text(new Uint8Array(whole(dice, 66_000, 100_000)).fill(0x61))],
  'message of a thousand pieces': () => [
    text('{', { fin: false }),
    ...Array.from({ length: 1000 }, () => continuation('a', { fin: false })),
  ],
  'control frame in pieces': () => [ping(Uint8Array.of(1), { fin: false }), continuation(Uint8Array.of(2))],
  'many pings': () => Array.from({ length: 500 }, () => ping(Uint8Array.of(1, 2, 3))),
  'close with a wrong code': (dice) => [close(whole(dice, 0, 1023))],
  'wrong types': (dice) => [json(dice, WRONG_TYPES)],
  'before hello': (dice) => [json(dice, BEFORE_HELLO)],
  'deep nesting': () => [text('['.repeat(20_000))],
  'http garbage': (dice) => [bytesOf('GET /connect HTTP/1.1\r\n'), randomBytes(dice, 10, 2000)],
  'http header without end': () => [bytesOf(`GET /connect HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(100_000)}`)],
} as const satisfies Readonly<Record<string, (dice: SeededDice) => readonly Uint8Array[]>>

/** What comes behind it is read as frames. */
export const HANDSHAKE = handshake()

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

function json(dice: SeededDice, texts: readonly string[]): Uint8Array {
  return text(dice.pick(texts) ?? '')
}

function randomBytes(dice: SeededDice, min: number, max: number): Uint8Array {
  return Uint8Array.from({ length: whole(dice, min, max) }, () => whole(dice, 0, 255))
}

/** A whole number, both ends included. */
function whole(dice: SeededDice, min: number, max: number): number {
  return Math.floor(dice.between(min, max + 1))
}
