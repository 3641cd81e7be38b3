import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { decodeJoinToken, encodeJoinToken } from '../../config/join-token.ts'
import { type FuzzedDecoder, mustHold } from '../fuzzed-decoder.ts'
import { nearly, textOf } from './json-shapes.ts'

const GOOD = { database: 'postgres://u:p@h/d', secret: '0123456789abcdef' }
const packed = (json: string) => `hf1.${Buffer.from(json).toString('base64url')}`

/** A join token as somebody pasted it. */
export const decoder: FuzzedDecoder = {
  seeds: [encodeJoinToken(GOOD), 'hf1.', 'hf2.x', '', ` ${encodeJoinToken(GOOD)}\n`],
  words: ['hf1.', 'hf', '=', '-', '_', '+', '/'],
  drawn: fc.oneof(
    nearly(GOOD).map(packed),
    fc.json().map(packed),
    fc.base64String().map((text) => `hf1.${text}`),
  ),
  read(input) {
    const decoded = decodeJoinToken(textOf(input))
    if (decoded.kind === 'bad-token') mustHold(decoded.reason.endsWith('.'), 'what is wrong is said in a sentence')
    else
      mustHold(isDeepStrictEqual(decodeJoinToken(encodeJoinToken(decoded)), decoded), 'a good token is the same again')
  },
}
