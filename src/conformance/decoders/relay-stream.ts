import fc from 'fast-check'
import { joined } from '../../chaos/frame-bytes.ts'
import { FrameSplitter } from '../../cluster/frame-splitter.ts'
import { type FuzzedDecoder, mustHold } from '../fuzzed-decoder.ts'

const FRAME_BYTES_MAX = 1024

const framed = (payload: Uint8Array) =>
  joined([Uint8Array.of(0, 0, payload.length >> 8, payload.length & 0xff), payload])
const CUTS = [1, 2, 3, 4, 5, 7, 64]

/** The bytes of a link, cut by the network as it likes: the frames in them are the same. */
export const decoder: FuzzedDecoder = {
  seeds: [
    new Uint8Array(),
    framed(Uint8Array.of(1, 2, 3)),
    joined([framed(new Uint8Array()), framed(new Uint8Array(300)), framed(Uint8Array.of(9))]),
    Uint8Array.of(0xff, 0xff, 0xff, 0xff, 1),
  ],
  words: ['\u0000\u0000\u0000\u0000', '\u0000\u0000\u0004\u0000', '\u0000\u0000\u0004\u0001'],
  drawn: fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 10 }).map((payloads) => joined(payloads.map(framed))),
  read(input) {
    const whole = framesIn(input, Math.max(1, input.length))
    const size = CUTS[input.length % CUTS.length] ?? 1
    mustHold(framesIn(input, size) === whole, `frames are the same in chunks of ${size}`)
  },
}

/** All frames as one text; reading ends where a length is too large, as a link does. */
function framesIn(input: Uint8Array, size: number): string {
  const splitter = new FrameSplitter(FRAME_BYTES_MAX)
  const told: string[] = []
  for (let from = 0; from < input.length; from += size) {
    const frames = splitter.push(input.slice(from, from + size))
    if (frames === 'too-large') return 'too large'
    for (const frame of frames) told.push(Buffer.from(frame).toString('base64'))
  }
  return told.join(' ')
}
