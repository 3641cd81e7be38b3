import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import type { Log } from '../base/log.ts'
import { SUBPROTOCOL } from '../protocol/client-frames.ts'
import type { NativeChannel } from './native-channel.ts'

export interface WebSocketServerOptions {
  readonly server: Server
  readonly path: string
  readonly channel: NativeChannel
  /** Origins of pages that may connect; a client without an origin is no browser and may. */
  readonly allowedOrigins: readonly string[] | 'any'
  readonly frameBytes: number
  readonly socketsMax: number
  readonly log: Log
}

/** Lets clients reach `channel` over WebSocket at `path` of an HTTP server. */
export function attachWebSocketServer(options: WebSocketServerOptions): { close(): void } {
  const { server, path, channel, log } = options
  const webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: options.frameBytes,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  })
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', (error) => log.debug('A socket broke before it was one.', { error: error.message }))
    if (new URL(request.url ?? '/', 'http://any').pathname !== path) return refuse(socket, '404 Not Found')
    const fault = faultOf(request, options)
    if (fault) return refuse(socket, fault)
    webSockets.handleUpgrade(request, socket, head, (webSocket) => serve(webSocket, channel, log))
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
function faultOf({ headers }: IncomingMessage, options: WebSocketServerOptions): string | undefined {
  const { allowedOrigins, channel, socketsMax } = options
  const { origin } = headers
  if (origin !== undefined && allowedOrigins !== 'any' && !allowedOrigins.includes(origin)) return '403 Forbidden'
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
  if (!offered.includes(SUBPROTOCOL)) return `426 Upgrade Required\r\nSec-WebSocket-Protocol: ${SUBPROTOCOL}`
  if (channel.sockets >= socketsMax) return '503 Service Unavailable\r\nRetry-After: 5'
  return undefined
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

function serve(webSocket: WebSocket, channel: NativeChannel, log: Log): void {
  const handlers = channel.accept({
    get queuedBytes() {
      return webSocket.bufferedAmount
    },
    send: (text) => webSocket.send(text, () => {}),
    close: (code, reason) => webSocket.close(code, reason),
  })
  webSocket.on('message', (data, isBinary) => handlers.message(isBinary ? undefined : textOf(data)))
  webSocket.on('close', () => handlers.closed())
  // Without a handler one hostile frame would end the process.
  webSocket.on('error', (error) => log.debug('A client socket broke.', { error: error.message }))
}

function textOf(data: RawData): string {
  return Array.isArray(data) ? Buffer.concat(data).toString() : Buffer.from(data as Buffer).toString()
}
