import { clientFrame, close, continuation, fragments, joined, OPCODE, ping, text } from '../../chaos/frame-bytes.ts'
import { ANSWER, type ConformanceCase, caseWriter, QUESTION, questionOf } from '../conformance-case.ts'

const whole = caseWriter('5.4', 'welcome')
const broken = caseWriter('5.4')
const limit = caseWriter('10.4')

const FIRST = text('{"type":', { fin: false })
const REST = continuation('"ping"}')
const pieces = (count: number, source: string) =>
  Array.from({ length: count }, (_, index) =>
    source.slice(Math.floor((index * source.length) / count), Math.floor(((index + 1) * source.length) / count)),
  )

/** Messages in several frames. */
export const FRAGMENTS: readonly ConformanceCase[] = [
  whole.lives('a text in two frames is one', [FIRST, REST], ANSWER),
  whole.lives('a text in two frames of one packet is one', [joined([FIRST, REST])], ANSWER),
  ...[3, 5, 15].map((count) =>
    whole.lives(`a text in ${count} frames is one`, fragments(pieces(count, QUESTION)), ANSWER),
  ),
  whole.lives('a text in a thousand frames is one', [joined(fragments(pieces(1000, questionOf(1000))))], ANSWER),
  whole.lives('the first frame may be empty', fragments(['', QUESTION]), ANSWER),
  whole.lives('a frame in the middle may be empty', fragments(['{"type":', '', '"ping"}']), ANSWER),
  whole.lives('the last frame may be empty', fragments([QUESTION, '']), ANSWER),
  whole.lives('all frames but one may be empty', fragments(['', '', QUESTION, '', '']), ANSWER),
  whole.lives('two messages in fragments follow each other', [FIRST, REST, FIRST, REST], ANSWER, ANSWER),
  whole.lives('a whole text may follow one in fragments', [FIRST, REST, text(QUESTION)], ANSWER, ANSWER),
  whole.lives('a ping between fragments is answered at once', [FIRST, ping('now'), REST], { pong: 'now' }, ANSWER),
  whole.lives(
    'each gap may have a ping',
    [FIRST, ping('1'), continuation('', { fin: false }), ping('2'), REST],
    { pong: '1' },
    { pong: '2' },
    ANSWER,
  ),
  whole.lives(
    'all of it may come in one packet',
    [joined([FIRST, ping('1'), ping('2'), REST])],
    { pong: '1' },
    { pong: '2' },
    ANSWER,
  ),
  whole.lives('a pong between fragments changes nothing', [FIRST, clientFrame({ opcode: OPCODE.pong }), REST], ANSWER),
  whole.ends('a close between fragments is answered, and the message is dropped', [FIRST, close(1000), REST], {
    close: 1000,
  }),
  whole.ends('who leaves between fragments is let go', [FIRST, 'half-close']),
  whole.survives('who breaks off between fragments is let go', FIRST, 'reset'),
  broken.fails('a continuation of nothing is refused', 1002, continuation('x')),
  broken.fails('a continuation of nothing that is not the last is refused', 1002, continuation('x', { fin: false })),
  broken.fails('an empty continuation of nothing is refused', 1002, continuation('')),
  caseWriter('5.4', 'welcome').ends(
    'a continuation after the last is refused',
    [FIRST, REST, continuation('x')],
    ANSWER,
    {
      close: 1002,
    },
  ),
  broken.fails('a text inside a text is refused', 1002, FIRST, text(QUESTION)),
  broken.fails('the first frame of a text inside a text is refused', 1002, FIRST, FIRST),
  broken.fails('binary inside a text is refused', 1002, FIRST, clientFrame({ opcode: OPCODE.binary, payload: 'x' })),
  broken.fails(
    'a text inside binary is refused',
    1002,
    clientFrame({ opcode: OPCODE.binary, payload: 'x', fin: false }),
    text(QUESTION),
  ),
  broken.ends(
    'a text after a ping inside a text is refused',
    [FIRST, ping(), text(QUESTION)],
    { pong: '' },
    { close: 1002 },
  ),
  limit.fails(
    'fragments that are above the limit together are refused',
    1009,
    ...fragments([questionOf(40_000), 'x'.repeat(30_000)]),
  ),
  limit.fails(
    'a fragment that would pass the limit is refused by its length',
    1009,
    text('x'.repeat(60_000), { fin: false }),
    continuation('', { claimedLength: 10_000n, lengthBits: 16 }),
  ),
  limit.fails(
    'a text in more than 16384 frames is refused',
    1008,
    joined([FIRST, ...Array.from({ length: 16_384 }, () => continuation('', { fin: false }))]),
  ),
]
