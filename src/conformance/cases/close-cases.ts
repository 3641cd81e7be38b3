import { clientFrame, close, joined, OPCODE, text } from '../../chaos/frame-bytes.ts'
import { type ConformanceCase, caseWriter, QUESTION } from '../conformance-case.ts'

const closing = caseWriter('5.5.1')
const codes = caseWriter('7.4.1')
const ranges = caseWriter('7.4.2')
const connection = caseWriter('7.1.1')
const welcome = caseWriter('7.1.1', 'welcome')

const GOOD = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014]
const GOOD_RANGES = [3000, 3999, 4000, 4400, 4999]
const NEVER_SENT = [1004, 1005, 1006, 1015]
const BAD_RANGES = [0, 1, 999, 1016, 1100, 1999, 2000, 2999, 5000, 9999, 65_535]

/** Close frames and the end of the connection. */
export const CLOSING: readonly ConformanceCase[] = [
  closing.fails('a close without code is answered without code', 'none', close()),
  ...GOOD.map((code) => codes.fails(`a close with ${code} is answered with it`, code, close(code))),
  ...GOOD_RANGES.map((code) => ranges.fails(`a close with ${code} is answered with it`, code, close(code))),
  ...NEVER_SENT.map((code) =>
    codes.fails(`a close with ${code}, which must not be sent, is refused`, 1002, close(code)),
  ),
  ...BAD_RANGES.map((code) => ranges.fails(`a close with ${code}, which means nothing, is refused`, 1002, close(code))),
  closing.fails(
    'a close of one byte is refused',
    1002,
    clientFrame({ opcode: OPCODE.close, payload: Uint8Array.of(3) }),
  ),
  closing.fails('a reason is taken', 1000, close(1000, 'going home')),
  closing.fails('a reason of 123 bytes is taken', 1000, close(1000, 'x'.repeat(123))),
  closing.fails('a reason of 124 bytes is too long', 1002, close(1000, 'x'.repeat(124))),
  closing.fails('a reason in any script is taken', 1000, close(1000, 'до свидания, 再见, \u{1f44b}')),
  closing.fails('a reason that is no UTF-8 is refused', 1007, close(1000, Uint8Array.of(0xc3, 0x28))),
  closing.fails(
    'a reason that ends in the middle of a character is refused',
    1007,
    close(1000, Uint8Array.of(0x61, 0xe2, 0x82)),
  ),
  closing.fails('a reason with half a surrogate pair is refused', 1007, close(1000, Uint8Array.of(0xed, 0xa0, 0x80))),
  closing.fails('a text after a close is not read', 1000, joined([close(1000), text(QUESTION)])),
  closing.fails(
    'a broken frame after a close is not read',
    1000,
    joined([close(1000), Uint8Array.of(0xff, 0xff, 0xff)]),
  ),
  closing.fails('a second close is not answered', 1001, joined([close(1001), close(1000)])),
  closing.fails('a close may come byte by byte', 1000, { trickle: close(1000, 'slow') }),
  welcome.fails('a welcome client closes like any other', 1000, close(1000)),
  connection.ends('who ends its side without a close frame is let go', ['half-close']),
  welcome.ends('a welcome client that ends its side without a close frame is let go', ['half-close']),
  connection.ends('who ends its side right after its close frame is answered', [close(1000), 'half-close'], {
    close: 1000,
  }),
  connection.survives('who breaks off right after its close frame is let go', close(1000), 'reset'),
  connection.survives('who breaks off is let go', 'reset'),
  welcome.survives('a welcome client that breaks off is let go', 'reset'),
]
