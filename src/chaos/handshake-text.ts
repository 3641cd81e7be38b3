import { SUBPROTOCOL } from '../protocol/client-frames.ts'
import { bytesOf } from './frame-bytes.ts'

/** The key of RFC 6455, section 1.3, and the only right answer to it. */
const SAMPLE_KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
export const SAMPLE_ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

/** A handshake in its parts: a header that is `null` is left out, a list stands in several lines. */
interface HandshakeParts {
  readonly line?: string
  readonly headers?: Readonly<Record<string, string | readonly string[] | null>>
  /** Whatever follows the empty line. */
  readonly after?: string
}

const HEADERS = {
  Host: 'door.example',
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Key': SAMPLE_KEY,
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Protocol': SUBPROTOCOL,
}

/** The path of the socket: `server/public-addresses.ts` has it for servers. */
const REQUEST_LINE = 'GET /connect HTTP/1.1'

export function handshake({ line = REQUEST_LINE, headers = {}, after = '' }: HandshakeParts = {}): Uint8Array {
  const all: Record<string, string | readonly string[] | null> = { ...HEADERS, ...headers }
  const lines = Object.entries(all).flatMap(([name, value]) => {
    const values = value === null ? [] : typeof value === 'string' ? [value] : value
    return values.map((each) => `${name}: ${each}\r\n`)
  })
  return bytesOf(`${line}\r\n${lines.join('')}\r\n${after}`)
}
