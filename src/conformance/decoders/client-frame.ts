import { isDeepStrictEqual } from 'node:util'
import { REFUSALS } from '../../base/refusals.ts'
import { decodeClientFrame } from '../../protocol/client-frame-schema.ts'
import { type FuzzedDecoder, mustHold } from '../fuzzed-decoder.ts'
import { CLIENT_FRAMES, CLIENT_WORDS, NEARLY_FRAMES } from './client-frame-shapes.ts'
import { textOf } from './json-shapes.ts'

/** Frames of clients, from anybody who can reach the port. */
export const decoder: FuzzedDecoder = {
  seeds: CLIENT_FRAMES.map((frame) => JSON.stringify(frame)),
  words: CLIENT_WORDS,
  drawn: NEARLY_FRAMES,
  read(input) {
    const decoded = decodeClientFrame(textOf(input))
    if (decoded.kind === 'refused') mustHold(decoded.code in REFUSALS, 'a refusal is one of the catalogue')
    else {
      const again = decodeClientFrame(JSON.stringify(decoded.frame))
      mustHold(isDeepStrictEqual(again, decoded), 'a frame that was taken is taken again, and is the same')
    }
  },
}
