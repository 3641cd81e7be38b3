import { bytesOf } from '../../chaos/frame-bytes.ts'
import { handshake } from '../../chaos/handshake-text.ts'
import { type ConformanceCase, caseWriter } from '../conformance-case.ts'

const http = caseWriter('RFC 9112', 'connection')
const raw = (text: string) => [Uint8Array.from(text, (character) => character.charCodeAt(0))]
const plain = (headers: Readonly<Record<string, string | readonly string[] | null>>) => [handshake({ headers })]

/** What is hardly HTTP, on a port where anybody may write anything. */
export const HTTP_CASES: readonly ConformanceCase[] = [
  http.ends('a request without Host is refused', plain({ Host: null, Connection: 'Upgrade' }), { http: 400 }),
  http.ends('a request line without version is no handshake', raw('GET /connect\r\n\r\n'), { http: 404 }),
  http.ends('a version that nobody knows is refused', raw('GET /connect HTTP/9.9\r\nHost: x\r\n\r\n'), { http: 400 }),
  http.ends('an unknown method is refused', raw('FETCH /connect HTTP/1.1\r\nHost: x\r\n\r\n'), { http: 400 }),
  http.ends('the preface of HTTP/2 is refused', raw('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), { http: 400 }),
  http.ends('a greeting of TLS is refused', raw('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'), { http: 400 }),
  http.ends('bytes of no kind are refused', raw('\x00\x00\x00\x00\r\n\r\n'), { http: 400 }),
  http.ends('a header without colon is refused', raw('GET /connect HTTP/1.1\r\nHost: x\r\nBad\r\n\r\n'), { http: 400 }),
  http.ends('white space before the colon is refused', raw('GET / HTTP/1.1\r\nHost : x\r\n\r\n'), { http: 400 }),
  http.ends('a folded header is refused', raw('GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c: d\r\n\r\n'), { http: 400 }),
  http.ends('U+0000 in a header is refused', raw('GET / HTTP/1.1\r\nHost: x\r\nA: b\x00c\r\n\r\n'), { http: 400 }),
  http.ends(
    'a length and chunks together are refused',
    raw('POST /api/tokens HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
    { http: 400 },
  ),
  http.ends(
    'a length that is no number is refused',
    raw('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc'),
    {
      http: 400,
    },
  ),
  http.ends('headers of a hundred kilobytes are refused', plain({ 'X-Long': 'x'.repeat(100_000) }), { http: 431 }),
  http.ends('a request line of a hundred kilobytes is refused', raw(`GET /${'x'.repeat(100_000)} HTTP/1.1\r\n`), {
    http: 431,
  }),
  http.ends(
    'who leaves in the middle of a handshake is let go',
    [bytesOf('GET /connect HTTP/1.1\r\nHost: x\r\n'), 'half-close'],
    { http: 400 },
  ),
  http.ends('who leaves without a word is let go', ['half-close']),
  http.survives('who breaks off in the middle of a handshake is let go', bytesOf('GET /conn'), 'reset'),
  http.survives('who breaks off right after the handshake is let go', handshake(), 'reset'),
]
