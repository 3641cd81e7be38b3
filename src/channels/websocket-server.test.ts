import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect as connectTcp } from 'node:net'
import test, { type TestContext } from 'node:test'
import fc from 'fast-check'
import { type ClientOptions, WebSocket } from 'ws'
import { idFromBits } from '../base/ids.ts'
import { silentLog } from '../base/log.ts'
import { memoryMetrics } from '../base/metrics.ts'
import { realClock } from '../base/real-clock-node.ts'
import type { ServerFrame } from '../protocol/client-frames.ts'
import { agentToken, FakeConversations, FakeTokens, hello, say, visitorToken } from './channel-rehearsal.ts'
import { createNativeChannel } from './native-channel.ts'
import { NATIVE_CHANNEL_DEFAULTS, type NativeChannelSettings } from './native-settings.ts'
import { attachWebSocketServer, type WebSocketServerOptions } from './websocket-server-node.ts'

const conversation = idFromBits(1n)
const FRAME_BYTES = 16_384

const received = new WeakMap<WebSocket, ServerFrame[]>()

interface Edge {
  readonly server: Server
  readonly port: number
  readonly conversations: FakeConversations
  dial(options?: ClientOptions & { subprotocols?: string[]; path?: string }): WebSocket
}

async function startEdge(
  context: TestContext,
  more: { settings?: Partial<NativeChannelSettings>; sockets?: Partial<WebSocketServerOptions> } = {},
): Promise<Edge> {
  const server = createServer()
  const conversations = new FakeConversations()
  conversations.append(conversation)
  const channel = createNativeChannel({
    clock: realClock,
    log: silentLog,
    metrics: memoryMetrics(),
    tokens: new FakeTokens(realClock),
    conversations,
    settings: { ...NATIVE_CHANNEL_DEFAULTS, node: 'edge-1', addresses: () => [], ...more.settings },
  })
  const attached = attachWebSocketServer({
    server,
    path: '/connect',
    channel,
    allowedOrigins: ['https://chat.example.com'],
    frameBytes: FRAME_BYTES,
    socketsMax: 100,
    log: silentLog,
    ...more.sockets,
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const dialled: WebSocket[] = []
  context.after(async () => {
    channel.stop(1012, 'the test is over')
    attached.close()
    for (const socket of dialled) socket.terminate()
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  })
  return {
    server,
    port,
    conversations,
    dial({ subprotocols = ['holdfast.v1'], path = '/connect', ...options } = {}) {
      const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, subprotocols, options)
      socket.on('error', () => {})
      const frames: ServerFrame[] = []
      received.set(socket, frames)
      socket.on('message', (data) => frames.push(JSON.parse(String(data)) as ServerFrame))
      dialled.push(socket)
      return socket
    },
  }
}

/** The next frame of a type; what comes before it is passed over, what comes after it stays. */
async function until<Type extends ServerFrame['type']>(
  socket: WebSocket,
  type: Type,
): Promise<Extract<ServerFrame, { type: Type }>> {
  const frames = received.get(socket) ?? []
  for (;;) {
    const index = frames.findIndex((frame) => frame.type === type)
    if (index >= 0) return frames.splice(0, index + 1)[index] as Extract<ServerFrame, { type: Type }>
    await once(socket, 'message')
  }
}

async function online(edge: Edge, token = visitorToken(conversation), more: object = {}): Promise<WebSocket> {
  const socket = edge.dial()
  await once(socket, 'open')
  socket.send(JSON.stringify(hello(token, more)))
  await until(socket, 'welcome')
  return socket
}

async function closeCode(socket: WebSocket): Promise<number> {
  const [code] = await once(socket, 'close')
  return code
}

async function handshakeStatus(socket: WebSocket): Promise<{ status: number | undefined; response: IncomingMessage }> {
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
  return { status: response.statusCode, response }
}

test('[CN15] a message goes in and comes back over a real socket, whatever characters it has', async (context) => {
  const edge = await startEdge(context)
  const socket = await online(edge, visitorToken(conversation), { resume: [{ conversation, after: 1 }] })
  assert.equal(socket.protocol, 'holdfast.v1')
  const text = 'e\u0301 \u{1f44d}\u{1f3fd} \u2028 \u202e'
  socket.send(JSON.stringify(say(conversation, 1, text)))
  const events = await until(socket, 'events')
  const ack = await until(socket, 'ack')
  assert.deepEqual([events.events[0]?.seq, ack.seq], [2, 2])
  const command = edge.conversations.submitted.at(-1)?.command
  assert.equal(command?.type === 'message' && command.text, text)
})

test('[CN15] handshakes that may not come in are told why by HTTP', async (context) => {
  const edge = await startEdge(context, { sockets: { socketsMax: 1 } })
  const cases: [number, Parameters<Edge['dial']>[0]][] = [
    [404, { path: '/elsewhere' }],
    [404, { path: '//' }],
    [403, { origin: 'https://evil.example' }],
    [403, { origin: `http://127.0.0.1:${edge.port + 1}` }],
    [403, { origin: 'null' }],
    [426, { subprotocols: ['graphql-ws'] }],
    [426, { subprotocols: [] }],
    // Its Origin stands in another header.
    [426, { protocolVersion: 8, origin: 'https://evil.example' }],
  ]
  for (const [expected, options] of cases) {
    const { status } = await handshakeStatus(edge.dial(options))
    assert.equal(status, expected, JSON.stringify(options))
  }
  const welcome = edge.dial({
    origin: 'https://chat.example.com',
    path: '/connect?x=1',
    subprotocols: ['x', 'holdfast.v1'],
  })
  await once(welcome, 'open')
  const { status, response } = await handshakeStatus(edge.dial())
  assert.deepEqual([status, response.headers['retry-after']], [503, '2'])
})

test('[CN15] a page of this very address may connect, whatever name the machine goes by', async (context) => {
  const edge = await startEdge(context)
  await once(edge.dial({ origin: `http://127.0.0.1:${edge.port}` }), 'open')
})

test('[CN15] binary, oversized and ill-formed frames end their socket with the code for it, and no other', async (context) => {
  const edge = await startEdge(context)
  const bystander = await online(edge)
  const ends: [number, (socket: WebSocket) => void][] = [
    [4400, (socket) => socket.send(Buffer.from([1, 2, 3]))],
    [1009, (socket) => socket.send('x'.repeat(FRAME_BYTES + 1))],
    [4400, (socket) => socket.send('{"type":')],
    [1007, (socket) => socket.send(Buffer.from([0xff, 0xfe, 0x80]), { binary: false })],
    [4401, (socket) => socket.send(JSON.stringify(hello('forged')))],
    [4400, (socket) => socket.send(JSON.stringify(say(conversation, 1)))],
  ]
  for (const [code, act] of ends) {
    const socket = edge.dial()
    await once(socket, 'open')
    act(socket)
    assert.equal(await closeCode(socket), code)
  }
  bystander.send('{"type":"ping"}')
  await until(bystander, 'pong')
})

test('[CN2] refused commands keep their socket: foreign conversation, bad text, no such frame', async (context) => {
  const edge = await startEdge(context)
  const socket = await online(edge)
  const elsewhere = idFromBits(99n)
  const cases: [object, string][] = [
    [say(elsewhere, 1), 'not-allowed'],
    [say(conversation, 2, 'a\u0000b'), 'bad-text'],
    [{ ...say(conversation, 3), body: { type: 'message', format: 'text', text: { $ne: 1 } } }, 'malformed'],
    [{ type: 'subscribe' }, 'malformed'],
  ]
  for (const [frame, code] of cases) {
    socket.send(JSON.stringify(frame))
    assert.equal((await until(socket, 'refused')).code, code)
  }
  const agent = await online(edge, agentToken())
  agent.send(JSON.stringify(say(elsewhere, 1)))
  assert.equal((await until(agent, 'refused')).code, 'unknown-conversation')
})

test('[CN15] bytes that are no WebSocket at all do not reach the process', async (context) => {
  const edge = await startEdge(context)
  const good = 'GET /connect HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n'
  const assaults = [
    'GET //[ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    `${good}\r\n`,
    `${good}Sec-WebSocket-Key: short\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: holdfast.v1\r\n\r\n`,
    `${good}${key}Sec-WebSocket-Protocol: ,,holdfast.v1\r\n\r\n`,
    `${good}${key}Sec-WebSocket-Protocol: holdfast.v1\r\n\r\n\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff`,
    `${good}${key}Sec-WebSocket-Protocol: holdfast.v1\r\n\r\n\u0081\u0001x`,
  ]
  for (const assault of assaults) {
    const socket = connectTcp(edge.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.resume()
    socket.end(assault, 'latin1')
    await once(socket, 'close')
  }
  const abandoned = connectTcp(edge.port, '127.0.0.1')
  abandoned.write(`${good}${key}Sec-WebSocket-Protocol: holdfast.v1\r\n\r\n`)
  await once(abandoned, 'data')
  abandoned.resetAndDestroy()
  await online(edge)
})

test('[CN2] no frame, however made, ends the process', async (context) => {
  const edge = await startEdge(context, { settings: { messagesPerSecond: 1e6 } })
  const frames = fc.oneof(
    fc.string(),
    fc.json(),
    fc.object().map((value) => JSON.stringify({ ...say(conversation, 1), ...value })),
    fc.object().map((value) => JSON.stringify({ ...hello(visitorToken(conversation)), ...value })),
  )
  let socket = await online(edge)
  for (const frame of fc.sample(frames, { numRuns: 400, seed: 20_261_121 })) {
    if (socket.readyState !== WebSocket.OPEN) socket = await online(edge)
    socket.send(frame)
  }
  await online(edge, visitorToken(conversation), { instance: 'page-2' })
})

test('[CN15] a client that does not answer the close is cut off', async (context) => {
  const edge = await startEdge(context)
  const raw = connectTcp(edge.port, '127.0.0.1')
  raw.on('error', () => {})
  raw.write(
    'GET /connect HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: holdfast.v1\r\n\r\n',
  )
  await once(raw, 'data')
  // A masked text frame that is no JSON object; the answer 4400 stays without one.
  raw.write(Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x31]))
  await once(raw, 'close')
})
