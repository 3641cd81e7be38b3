import { close, fragments, joined, OPCODE, ping, text } from '../../chaos/frame-bytes.ts'
import { ANSWER, type ConformanceCase, caseWriter, QUESTION, questionOf } from '../conformance-case.ts'

const stream = caseWriter('1.2', 'welcome')
const ending = caseWriter('7.1.4', 'welcome')

const TALK = joined([text(QUESTION), ping('1'), ...fragments(['{"type":', '"ping"}']), ping('2')])
const TALK_ANSWERS = [ANSWER, { pong: '1' }, ANSWER, { pong: '2' }]
const chunked = (bytes: Uint8Array, size: number) =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.slice(index * size, (index + 1) * size))

/** A stream of bytes, however the network cuts it, and ends that come in the middle. */
export const DELIVERY: readonly ConformanceCase[] = [
  stream.lives('several frames may come in one packet', [TALK], ...TALK_ANSWERS),
  stream.lives('all of them may come byte by byte', [{ trickle: TALK }], ...TALK_ANSWERS),
  ...[2, 3, 5, 7, 11].map((size) =>
    stream.lives(`all of them may come ${size} bytes at a time`, chunked(TALK, size), ...TALK_ANSWERS),
  ),
  stream.lives('a length in 16 bits may come byte by byte', [{ trickle: text(questionOf(200)) }], ANSWER),
  stream.lives(
    'a length in 64 bits may come byte by byte',
    [{ trickle: text(questionOf(200), { lengthBits: 64 }) }],
    ANSWER,
  ),
  stream.lives('a text of 65536 bytes may come in chunks', chunked(text(questionOf(65_536)), 1000), ANSWER),
  stream.lives(
    'a hundred questions of one packet have a hundred answers',
    [joined(Array.from({ length: 100 }, () => text(QUESTION)))],
    ...Array.from({ length: 100 }, () => ANSWER),
  ),
  ending.ends('who asks and ends its side has its answer first', [text(QUESTION), 'half-close'], ANSWER),
  ending.ends('who ends its side in the middle of a header is let go', [text(QUESTION).slice(0, 1), 'half-close']),
  ending.ends('who ends its side in the middle of a key is let go', [text(QUESTION).slice(0, 4), 'half-close']),
  ending.ends('who ends its side in the middle of a text is let go', [text(QUESTION).slice(0, 12), 'half-close']),
  ending.ends('who ends its side in the middle of a close is let go', [close(1000).slice(0, 7), 'half-close']),
  ending.survives('who breaks off in the middle of a text is let go', text(QUESTION).slice(0, 12), 'reset'),
  ending.survives(
    'who breaks off in the middle of a large text is let go',
    text('', { claimedLength: 60_000n, lengthBits: 16 }),
    new Uint8Array(30_000),
    'reset',
  ),
  ending.survives('who asks and breaks off before the answer is let go', joined([text(QUESTION), ping()]), 'reset'),
  ending.survives(
    'who asks a hundred times and reads nothing is let go',
    joined(Array.from({ length: 100 }, () => text(questionOf(500)))),
    'reset',
  ),
  ending.fails('binary is not part of our protocol', 4400, joined([clientBinary()])),
]

function clientBinary(): Uint8Array {
  return text(Uint8Array.of(1, 2, 3), { opcode: OPCODE.binary })
}
