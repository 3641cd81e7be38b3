import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Log } from '../base/log.ts'
import { SUBPROTOCOL } from '../protocol/client-frames.ts'
import type { ClientSocket } from './client-socket.ts'
import type { NativeChannel } from './native-channel.ts'

export interface WebSocketServerOptions {
  readonly server: Server
  readonly path: string
  readonly channel: NativeChannel
  /** Other origins whose pages may connect; pages of this very address may, and so may clients that are no browsers. */
  readonly allowedOrigins: readonly string[] | 'any'
  /** Larger frames end the socket with 1009. */
  readonly frameBytes: number
  readonly socketsMax: number
  readonly log: Log
}

// Whoever does not answer the close frame by then is cut off; the queue of a slow client is freed with it.
const CLOSE_PATIENCE_MS = 2000
// For those whom the library closes, after a broken frame or in answer to a close frame; its types do not know it yet.
const CLOSE_PATIENCE = { closeTimeout: CLOSE_PATIENCE_MS }
const RETRY_AFTER_SECONDS = 2
// Version 8, which the library would take too, has its Origin in a header that nobody here looks at.
const VERSION = '13'

/** Lets clients reach `channel` over WebSocket at `path` of an HTTP server. */
export function attachWebSocketServer(options: WebSocketServerOptions): { close(): void } {
  const { server, channel, log } = options
  const webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: options.frameBytes,
    ...CLOSE_PATIENCE,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  })
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', (error) => log.debug('A socket broke before it was one.', { error: error.message }))
    const fault = faultOf(request, options)
    if (fault) return refuse(socket, fault)
    webSockets.handleUpgrade(request, socket, head, (webSocket) => serve(webSocket, socket, channel, log))
  }
  server.on('upgrade', upgrade)
  return {
    close() {
      server.off('upgrade', upgrade)
      webSockets.close()
    },
  }
}

/** The HTTP status of a handshake that is not let in, before anything is spent on it. */
function faultOf({ url, headers }: IncomingMessage, options: WebSocketServerOptions): string | undefined {
  const { allowedOrigins, channel, socketsMax } = options
  if (pathIn(url) !== options.path) return '404 Not Found'
  const { origin, host } = headers
  if (host === undefined) return '400 Bad Request'
  // A foreign page must not speak with the cookies or the network place of whoever looks at it.
  const own = origin === `http://${host}` || origin === `https://${host}`
  if (origin !== undefined && allowedOrigins !== 'any' && !own && !allowedOrigins.includes(origin))
    return '403 Forbidden'
  if (headers['sec-websocket-version'] !== VERSION) return `426 Upgrade Required\r\nSec-WebSocket-Version: ${VERSION}`
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
  if (!offered.includes(SUBPROTOCOL)) return `426 Upgrade Required\r\nSec-WebSocket-Protocol: ${SUBPROTOCOL}`
  if (channel.sockets >= socketsMax) return `503 Service Unavailable\r\nRetry-After: ${RETRY_AFTER_SECONDS}`
  return undefined
}

/** The path of a request, which may name it with its whole address (RFC 9112, section 3.2.2). */
function pathIn(url = ''): string | undefined {
  return url.replace(/^https?:\/\/[^/?]*/i, '').split('?')[0]
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy())
}

function serve(webSocket: WebSocket, stream: Duplex, channel: NativeChannel, log: Log): void {
  const handlers = channel.accept(clientSocket(webSocket, stream))
  webSocket.on('message', (data, isBinary) => handlers.message(isBinary ? undefined : String(data)))
  webSocket.on('close', () => handlers.closed())
  // Without a listener one hostile frame would end the process; `close` follows.
  webSocket.on('error', (error) => log.debug('A client socket broke.', { error: error.message }))
}

/** All frames of one turn leave in one write: a system call costs more than what is in it. */
function clientSocket(webSocket: WebSocket, stream: Duplex): ClientSocket {
  let corked = false
  const uncork = () => {
    corked = false
    stream.uncork()
  }
  return {
    get queuedBytes() {
      return webSocket.bufferedAmount
    },
    send(text) {
      if (!corked) {
        corked = true
        stream.cork()
        process.nextTick(uncork)
      }
      webSocket.send(text, () => {})
    },
    close(code, reason) {
      webSocket.close(code, reason)
      const impatience = setTimeout(() => webSocket.terminate(), CLOSE_PATIENCE_MS)
      webSocket.once('close', () => clearTimeout(impatience))
    },
  }
}
