import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import test from 'node:test'
import { WebSocketServer } from 'ws'
import { type Door, runCases } from './case-runner-node.ts'
import { LET_IN } from './cases/handshake-cases.ts'
import { UTF8 } from './cases/utf8-cases.ts'
import { ServerFault, ServerFrameReader } from './server-frame-reader.ts'

const door = ({ port }: AddressInfo): Door => ({ host: '127.0.0.1', port, token: '' })
const FROM_SOCKET = UTF8.filter(({ start }) => start === 'socket')

test('[HB3] a door that takes ill-formed UTF-8 fails every case about it', async (context) => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', skipUTF8Validation: true })
  await once(server, 'listening')
  context.after(() => server.close())
  // It says something to everything, so that nobody waits for an answer.
  server.on('connection', (socket) => socket.on('message', () => socket.send('{"type":"pong"}')))
  const verdicts = await runCases(FROM_SOCKET.slice(0, 6), door(server.address() as AddressInfo))
  assert.deepEqual(
    verdicts.map(({ fault }) => fault?.startsWith('expected {"close":1007}')),
    verdicts.map(() => true),
  )
})

test('[HB3] a door that answers every key alike is let in by nobody', async (context) => {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', () => socket.write('HTTP/1.1 101 x\r\nSec-WebSocket-Accept: always the same\r\n\r\n'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => server.close())
  const [verdict] = await runCases(LET_IN.slice(0, 1), door(server.address() as AddressInfo))
  assert.match(verdict?.fault ?? '', /^expected .* heard HTTP 101/)
})

test('[HB3] what a server must not send is told with the section that forbids it', () => {
  const forbidden: readonly (readonly [string, readonly number[]])[] = [
    ['5.1', [0x81, 0x81, 0, 0, 0, 0, 0x31]],
    ['5.2', [0xc1, 0]],
    ['5.2', [0x83, 0]],
    ['5.2', [0x81, 126, 0, 1, 0x31]],
    ['5.2', [0x81, 127, 0, 0, 0, 0, 0, 0, 0, 1, 0x31]],
    ['5.4', [0x01, 0]],
    ['5.5', [0x89, 126, 0, 126, ...Array(126).fill(0)]],
    ['5.5.1', [0x88, 1, 3]],
    ['5.5.1', [0x88, 0, 0x81, 0]],
    ['7.4', [0x88, 2, 0x03, 0xed]],
    ['7.4', [0x88, 2, 0x00, 0x01]],
    ['8.1', [0x81, 1, 0xff]],
  ]
  for (const [section, bytes] of forbidden)
    assert.throws(
      () => new ServerFrameReader().push(Uint8Array.from(bytes)),
      (error) => error instanceof ServerFault && error.message.startsWith(`${section}: `),
      bytes.join(' '),
    )
})

test('[HB3] what a server may send is read as it is, however the network cut it', () => {
  const bytes = [0x81, 2, 0x68, 0x69, 0x8a, 1, 0x21, 0x88, 2, 0x03, 0xe8]
  const frames = (chunks: readonly (readonly number[])[]) => {
    const reader = new ServerFrameReader()
    return chunks.flatMap((chunk) => reader.push(Uint8Array.from(chunk)))
  }
  const whole = frames([bytes])
  assert.deepEqual(whole, [
    { kind: 'text', text: 'hi' },
    { kind: 'pong', payload: Uint8Array.of(0x21) },
    { kind: 'close', code: 1000, reason: '' },
  ])
  assert.deepEqual(frames(bytes.map((byte) => [byte])), whole)
})
