import { bytesOf, fragments, joined, ping, text } from '../../chaos/frame-bytes.ts'
import { type ConformanceCase, caseWriter, quoted, unknownType } from '../conformance-case.ts'

const taken = caseWriter('8.1', 'welcome')
const refused = caseWriter('8.1')

const CHARACTERS: Readonly<Record<string, string>> = {
  'letters with accents': 'k\u00f6\u0161\u00ed',
  'the first character of two bytes': '\u0080',
  'the last character of two bytes': '\u07ff',
  'the first character of three bytes': '\u0800',
  'the last character before the surrogates': '\ud7ff',
  'the first character after the surrogates': '\ue000',
  'the replacement character': '\ufffd',
  noncharacters: '\ufffe\uffff\ufdd0',
  'the first character of four bytes': '\u{10000}',
  'the last character of all': '\u{10ffff}',
  'joined emoji': '\u{1f469}\u200d\u{1f4bb}\u{1f3fd}',
  'combining marks': 'e\u0301\u0323',
  'writing from right to left': '\u202e\u05e9\u05dc\u05d5\u05dd',
  'line separators': '\u2028\u2029',
  'a byte order mark inside': 'a\ufeffb',
  'escaped control characters': '\u0001\u001f\u007f',
}

/** Bytes that are no UTF-8. */
const ILL_FORMED: Readonly<Record<string, readonly number[]>> = {
  'a continuation byte alone': [0x80],
  'the last continuation byte alone': [0xbf],
  'two continuation bytes': [0x80, 0xbf],
  'the beginning of two bytes alone': [0xc3],
  'the beginning of three bytes alone': [0xe2],
  'two of three bytes': [0xe2, 0x82],
  'the beginning of four bytes alone': [0xf0],
  'three of four bytes': [0xf0, 0x9f, 0x98],
  'a beginning followed by a letter': [0xc3, 0x28],
  'three bytes broken off by a letter': [0xe2, 0x28, 0xa1],
  'four bytes broken off by a letter': [0xf0, 0x9f, 0x28, 0x80],
  'a slash in two bytes': [0xc0, 0xaf],
  'U+0000 in two bytes': [0xc0, 0x80],
  'U+007F in two bytes': [0xc1, 0xbf],
  'a slash in three bytes': [0xe0, 0x80, 0xaf],
  'U+07FF in three bytes': [0xe0, 0x9f, 0xbf],
  'a slash in four bytes': [0xf0, 0x80, 0x80, 0xaf],
  'U+FFFF in four bytes': [0xf0, 0x8f, 0xbf, 0xbf],
  'the first surrogate': [0xed, 0xa0, 0x80],
  'the last surrogate': [0xed, 0xbf, 0xbf],
  'a pair of surrogates': [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80],
  'a character behind the last': [0xf4, 0x90, 0x80, 0x80],
  'a beginning of 0xf5': [0xf5, 0x80, 0x80, 0x80],
  'five bytes': [0xf8, 0x88, 0x80, 0x80, 0x80],
  'six bytes': [0xfc, 0x84, 0x80, 0x80, 0x80, 0x80],
  '0xfe': [0xfe],
  '0xff': [0xff],
}

const GRIN = '\u{1f600}'
const GRIN_BYTES = bytesOf(unknownType(GRIN))
const GRIN_AT = bytesOf('{"type":"').length
const cut = (at: number) => [GRIN_BYTES.slice(0, GRIN_AT + at), GRIN_BYTES.slice(GRIN_AT + at)]
const inside = (bytes: readonly number[]) => joined([bytesOf('{"type":"'), Uint8Array.from(bytes), bytesOf('"}')])

/** Text is UTF-8, whole and exact. */
export const UTF8: readonly ConformanceCase[] = [
  ...Object.entries(CHARACTERS).map(([name, characters]) =>
    taken.lives(`${name} come and go unchanged`, [text(unknownType(characters))], quoted(characters)),
  ),
  ...[1, 2, 3].map((at) =>
    taken.lives(
      `a character cut after byte ${at} by the end of a frame is whole again`,
      fragments(cut(at)),
      quoted(GRIN),
    ),
  ),
  taken.lives(
    'a character may have a frame for each byte',
    fragments([bytesOf('{"type":"'), ...[...bytesOf(GRIN)].map((byte) => Uint8Array.of(byte)), bytesOf('"}')]),
    quoted(GRIN),
  ),
  taken.lives(
    'a ping may stand inside a character',
    [fragments(cut(2))[0] ?? ping(), ping('x'), fragments(cut(2))[1] ?? ping()],
    { pong: 'x' },
    quoted(GRIN),
  ),
  taken.lives('a character may come byte by byte', [{ trickle: text(unknownType(GRIN)) }], quoted(GRIN)),
  ...Object.entries(ILL_FORMED).flatMap(([name, bytes]) => [
    refused.fails(
      `${name} at the end of a text is refused`,
      1007,
      text(joined([bytesOf('{'), Uint8Array.from(bytes)])),
    ),
    refused.fails(`${name} in the middle of a text is refused`, 1007, text(inside(bytes))),
  ]),
  refused.fails(
    'a text that ends inside a character is refused though its frames are whole',
    1007,
    ...fragments([GRIN_BYTES.slice(0, GRIN_AT + 1), GRIN_BYTES.slice(GRIN_AT + 1, GRIN_AT + 3)]),
  ),
  refused.fails(
    'a second frame that is no continuation of the character is refused',
    1007,
    ...fragments([GRIN_BYTES.slice(0, GRIN_AT + 2), 'x"}']),
  ),
]
