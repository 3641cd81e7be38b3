import { clientFrame, close, continuation, OPCODE, ping, text } from '../../chaos/frame-bytes.ts'
import { ANSWER, type ConformanceCase, caseWriter, QUESTION, questionOf } from '../conformance-case.ts'

const FRAME_BYTES = 65_536

const length = caseWriter('5.2', 'welcome')
const broken = caseWriter('5.2')
const masking = caseWriter('5.1')
const masked = caseWriter('5.3', 'welcome')
const limit = caseWriter('10.4')

/** The three forms of a length, and lengths that are not true. */
export const LENGTHS: readonly ConformanceCase[] = [
  ...[24, 125, 126, 127, 128, 255, 256, 65_534, 65_535, FRAME_BYTES].map((bytes) =>
    length.lives(`a text of ${bytes} bytes is taken`, [text(questionOf(bytes))], ANSWER),
  ),
  ...([16, 64] as const).map((lengthBits) =>
    length.lives(
      `a length in ${lengthBits} bits is read though fewer would do`,
      [text(QUESTION, { lengthBits })],
      ANSWER,
    ),
  ),
  length.lives('a length in 64 bits is read though 16 would do', [text(questionOf(300), { lengthBits: 64 })], ANSWER),
  ...[FRAME_BYTES + 1, 100_000].map((bytes) =>
    limit.fails(`a text of ${bytes} bytes is above the limit`, 1009, text(questionOf(bytes))),
  ),
  ...[65_537n, 2n ** 31n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 62n].map((claimedLength) =>
    limit.fails(
      `a length of ${claimedLength} is refused before anything of it came`,
      1009,
      text('', { claimedLength, lengthBits: 64 }),
    ),
  ),
  ...[2n ** 63n, 2n ** 64n - 1n].map((claimedLength) =>
    broken.fails(
      `a length of ${claimedLength} has its highest bit set, which is refused`,
      1009,
      text('', { claimedLength, lengthBits: 64 }),
    ),
  ),
  limit.fails(
    'binary above the limit is refused by its length',
    1009,
    clientFrame({ opcode: OPCODE.binary, claimedLength: 70_000n, lengthBits: 64 }),
  ),
]

/** A client masks all, and a server refuses what is not masked. */
export const MASKING: readonly ConformanceCase[] = [
  masking.fails('an unmasked text is refused', 1002, text(QUESTION, { mask: 'none' })),
  masking.fails('an unmasked empty text is refused', 1002, text('', { mask: 'none' })),
  masking.fails('unmasked binary is refused', 1002, clientFrame({ opcode: OPCODE.binary, payload: 'x', mask: 'none' })),
  masking.fails('an unmasked ping is refused', 1002, ping('x', { mask: 'none' })),
  masking.fails('an unmasked pong is refused', 1002, clientFrame({ opcode: OPCODE.pong, mask: 'none' })),
  masking.fails('an unmasked close is refused', 1002, close(1000, '', { mask: 'none' })),
  masking.fails(
    'an unmasked continuation of a masked text is refused',
    1002,
    text('{"type":', { fin: false }),
    continuation('"ping"}', { mask: 'none' }),
  ),
  masking.fails('an unmasked frame with a long length is refused', 1002, text(questionOf(300), { mask: 'none' })),
  ...(
    [
      [0, 0, 0, 0],
      [255, 255, 255, 255],
      [0, 0, 0, 1],
      [0x22, 0x7b, 0x7d, 0x22],
    ] as const
  ).map((mask) => masked.lives(`the mask ${mask.join(' ')} is taken off`, [text(QUESTION, { mask })], ANSWER)),
  ...[24, 25, 26, 27].map((bytes) =>
    masked.lives(
      `a mask is taken off ${bytes} bytes, ${bytes % 4} behind a whole key`,
      [text(questionOf(bytes))],
      ANSWER,
    ),
  ),
  masked.lives(
    'each frame has a key of its own',
    [text('{"type":', { fin: false, mask: [1, 2, 3, 4] }), continuation('"ping"}', { mask: [9, 8, 7, 6] })],
    ANSWER,
  ),
]

const everyRsv = [1, 2, 3, 4, 5, 6, 7]
const reservedOpcodes = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]

/** What the standard keeps for later. */
export const RESERVED: readonly ConformanceCase[] = [
  ...everyRsv.map((rsv) =>
    broken.fails(`a text with the reserved bits ${rsv} is refused`, 1002, text(QUESTION, { rsv })),
  ),
  ...everyRsv.map((rsv) => broken.fails(`a ping with the reserved bits ${rsv} is refused`, 1002, ping('', { rsv }))),
  ...[1, 2, 4].map((rsv) =>
    broken.fails(`a close with the reserved bits ${rsv} is refused`, 1002, close(1000, '', { rsv })),
  ),
  ...[1, 2, 4].map((rsv) =>
    broken.fails(
      `a continuation with the reserved bits ${rsv} is refused`,
      1002,
      text('{"type":', { fin: false }),
      continuation('"ping"}', { rsv }),
    ),
  ),
  ...reservedOpcodes.map((opcode) =>
    broken.fails(`the reserved opcode ${opcode} is refused`, 1002, clientFrame({ opcode })),
  ),
  ...reservedOpcodes.map((opcode) =>
    broken.fails(
      `the reserved opcode ${opcode} is refused with a payload, too`,
      1002,
      clientFrame({ opcode, payload: 'x' }),
    ),
  ),
  ...[3, 11].map((opcode) =>
    broken.fails(
      `the reserved opcode ${opcode} is refused in the middle of a message`,
      1002,
      text('{"type":', { fin: false }),
      clientFrame({ opcode }),
    ),
  ),
]
