import { joined, ping } from '../../chaos/frame-bytes.ts'
import { handshake, SAMPLE_ACCEPT } from '../../chaos/handshake-text.ts'
import { type ConformanceCase, caseWriter, type Expected } from '../conformance-case.ts'

const request = caseWriter('4.1', 'connection')
const answer = caseWriter('4.2.2', 'connection')
const reading = caseWriter('4.2.1', 'connection')

const OPEN: Expected = {
  http: 101,
  headers: {
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-accept': SAMPLE_ACCEPT,
    'sec-websocket-protocol': 'holdfast.v1',
    'sec-websocket-extensions': null,
  },
}

const plain = (headers: Readonly<Record<string, string | readonly string[] | null>>) => [handshake({ headers })]

/** Handshakes that must be let in. */
export const LET_IN: readonly ConformanceCase[] = [
  answer.lives('the sample key of the standard is answered by its sample', [handshake()], OPEN),
  answer.lives('the word websocket may be written in any case', plain({ Upgrade: 'WebSocket' }), OPEN),
  answer.lives('Connection may name more than Upgrade', plain({ Connection: 'keep-alive, Upgrade' }), OPEN),
  answer.lives('Connection may be written in any case', plain({ Connection: 'upgrade' }), OPEN),
  reading.lives('names of headers may be written in any case', plain({ Host: null, hOsT: 'door.example' }), OPEN),
  reading.lives('white space around a value is not part of it', plain({ Upgrade: '  websocket  ' }), OPEN),
  reading.lives('a query behind the path is let in', [handshake({ line: 'GET /connect?page=1 HTTP/1.1' })], OPEN),
  reading.lives(
    'an absolute address names the same place',
    [handshake({ line: 'GET http://door.example/connect HTTP/1.1' })],
    OPEN,
  ),
  answer.lives(
    'our subprotocol is chosen among others',
    plain({ 'Sec-WebSocket-Protocol': 'chat, holdfast.v1, mqtt' }),
    OPEN,
  ),
  answer.lives(
    'subprotocols in several lines are one list',
    plain({ 'Sec-WebSocket-Protocol': ['chat', 'holdfast.v1'] }),
    OPEN,
  ),
  answer.lives(
    'compression that is offered is not taken',
    plain({ 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' }),
    OPEN,
  ),
  answer.lives(
    'an extension that nobody knows is not taken',
    plain({ 'Sec-WebSocket-Extensions': 'x-y; z="1"' }),
    OPEN,
  ),
  answer.lives(
    'an ill-formed offer of extensions is not even read',
    plain({ 'Sec-WebSocket-Extensions': ';;=,"' }),
    OPEN,
  ),
  request.lives('who sends no Origin is no browser', plain({ Origin: null }), OPEN),
  request.lives('a page of this very address is let in', plain({ Origin: 'http://door.example' }), OPEN),
  request.lives('by TLS, too', plain({ Origin: 'https://door.example' }), OPEN),
  request.lives('headers that nobody knows are passed over', plain({ 'X-One': '1', 'X-Two': '' }), OPEN),
  request.lives('cookies are passed over', plain({ Cookie: 'a=1; b="2"; =; ;;; %00=%ff' }), OPEN),
  request.lives('a long cookie is passed over', plain({ Cookie: `a=${'x'.repeat(8000)}` }), OPEN),
  request.lives(
    'a hundred headers are passed over',
    plain(Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`X-${index}`, 'y']))),
    OPEN,
  ),
  request.lives('an Authorization header is not ours to judge here', plain({ Authorization: 'Bearer x' }), OPEN),
  reading.lives('a handshake may come byte by byte', [{ trickle: handshake() }], OPEN),
  reading.lives('a frame may follow the handshake in the same packet', [joined([handshake(), ping('early')])], OPEN, {
    pong: 'early',
  }),
]

const refused = (section: string, title: string, status: number, act: Uint8Array, more: Partial<Expected> = {}) =>
  caseWriter(section, 'connection').ends(title, [act], { http: status, ...more })
const withHeaders = (headers: Readonly<Record<string, string | readonly string[] | null>>) => handshake({ headers })
const withLine = (line: string) => handshake({ line })
const key = (value: string | readonly string[] | null) => withHeaders({ 'Sec-WebSocket-Key': value })
const version = (value: string | readonly string[] | null) => withHeaders({ 'Sec-WebSocket-Version': value })
const protocol = (value: string | null) => withHeaders({ 'Sec-WebSocket-Protocol': value })
const origin = (value: string) => withHeaders({ Origin: value })

const OWN_VERSION = { headers: { 'sec-websocket-version': '13' } }
const OWN_PROTOCOL = { headers: { 'sec-websocket-protocol': 'holdfast.v1' } }

/** Handshakes that must be refused by HTTP, without a socket. */
export const REFUSED: readonly ConformanceCase[] = [
  ...['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH'].map((method) =>
    refused('4.2.1', `${method} is not GET`, 405, withLine(`${method} /connect HTTP/1.1`)),
  ),
  refused('4.2.1', 'an upgrade to something else is refused', 400, withHeaders({ Upgrade: 'h2c' })),
  refused('4.2.1', 'an upgrade to an empty word is refused', 400, withHeaders({ Upgrade: 'websocket, foo' })),
  refused('4.2.1', 'a key is needed', 400, key(null)),
  refused('4.2.1', 'an empty key is none', 400, key('')),
  refused('4.2.1', 'a key of 15 bytes is refused', 400, key('MTIzNDU2Nzg5MDEyMzQ1')),
  refused('4.2.1', 'a key of 17 bytes is refused', 400, key('MTIzNDU2Nzg5MDEyMzQ1Njc=')),
  refused('4.2.1', 'a key that is no base64 is refused', 400, key('dGhlIHNhbXBsZSBub25j*Q==')),
  refused('4.2.1', 'a key without its padding is refused', 400, key('dGhlIHNhbXBsZSBub25jZQ')),
  refused('4.2.1', 'two keys are refused', 400, key(['dGhlIHNhbXBsZSBub25jZQ==', 'dGhlIHNhbXBsZSBub25jZQ=='])),
  ...[null, '', '0', '7', '8', '12', '14', '99', '255', '-13', '13.0', '0x0d', '13, 13', 'thirteen'].map((value) =>
    refused(
      '4.4',
      `version ${value === null ? 'nothing' : `"${value}"`} is not 13, which is told`,
      426,
      version(value),
      OWN_VERSION,
    ),
  ),
  refused('4.2.2', 'no subprotocol is not ours', 426, protocol(null), OWN_PROTOCOL),
  refused('4.2.2', 'an empty subprotocol is not ours', 426, protocol(''), OWN_PROTOCOL),
  refused('4.2.2', 'a foreign subprotocol is refused', 426, protocol('graphql-ws'), OWN_PROTOCOL),
  refused('4.2.2', 'our subprotocol in another case is another one', 426, protocol('Holdfast.V1'), OWN_PROTOCOL),
  refused('4.2.2', 'our subprotocol with more behind it is another one', 426, protocol('holdfast.v12'), OWN_PROTOCOL),
  refused('4.2.1', 'an ill-formed list of subprotocols is refused', 400, protocol(',,holdfast.v1')),
  refused('4.2.1', 'a subprotocol named twice is refused', 400, protocol('holdfast.v1, holdfast.v1')),
  refused('10.2', 'a foreign page is refused', 403, origin('https://evil.example')),
  refused('10.2', 'a page of another port is refused', 403, origin('http://door.example:81')),
  refused(
    '10.2',
    'a page whose name only begins like ours is refused',
    403,
    origin('http://door.example.evil.example'),
  ),
  refused('10.2', 'a page with a name of ours as user is refused', 403, origin('http://door.example@evil.example')),
  refused('10.2', 'a page without origin is refused', 403, origin('null')),
  refused('10.2', 'an empty origin is refused', 403, origin('')),
  refused('10.2', 'origins in a row are refused', 403, origin('http://door.example, http://door.example')),
  refused('10.2', 'a file is refused', 403, origin('file://')),
  refused('4.2.2', 'another path is nothing', 404, withLine('GET /elsewhere HTTP/1.1')),
  refused('4.2.2', 'a path below ours is nothing', 404, withLine('GET /connect/more HTTP/1.1')),
  refused('4.2.2', 'a path with dots is not resolved', 404, withLine('GET /x/../connect HTTP/1.1')),
  refused('4.2.2', 'an encoded path is not decoded', 404, withLine('GET /%63onnect HTTP/1.1')),
  refused('4.2.2', 'two slashes are nothing', 404, withLine('GET //connect HTTP/1.1')),
  refused('4.2.2', 'a star is nothing', 404, withLine('GET * HTTP/1.1')),
]
