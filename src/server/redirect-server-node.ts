import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Log } from '../base/log.ts'

export interface RedirectOptions {
  readonly host: string
  readonly port: number
  /** Where people belong; empty: the host that they asked for, at `httpsPort`. */
  readonly publicUrl: string
  readonly httpsPort: () => number
  readonly answerTo: (token: string) => Promise<string | undefined>
  readonly log: Log
}

const CHALLENGE = /^\/\.well-known\/acme-challenge\/([A-Za-z0-9_-]{1,256})$/
const HOST = /^[A-Za-z0-9.-]{1,253}$|^\[[0-9A-Fa-f:]{2,45}\]$/
const DEFAULT_PORT = 443
const REQUEST_PATIENCE_MS = 10_000

/**
 * Plain HTTP for two purposes: to answer authorities, which ask at port 80, and to send everybody else to HTTPS. Nothing
 * else is said here.
 */
export async function listenForRedirects(options: RedirectOptions): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer({ requestTimeout: REQUEST_PATIENCE_MS }, (request, response) => {
    answer(options, request, response).catch((error) => {
      options.log.debug('A challenge could not be looked up.', { error: String(error) })
      response.writeHead(503, { 'retry-after': '1' }).end()
    })
  })
  server.listen(options.port, options.host)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

async function answer(options: RedirectOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? '/'
  const [, token] = CHALLENGE.exec(path) ?? []
  if (token !== undefined) {
    const text = await options.answerTo(token)
    response.writeHead(text === undefined ? 404 : 200, { 'content-type': 'application/octet-stream' }).end(text)
    return
  }
  const target = targetOf(options, request.headers.host)
  if (target === undefined || !path.startsWith('/')) {
    response.writeHead(400).end()
    return
  }
  // 308: what was posted is posted again; a client that sent a token in the clear at least learns better.
  response.writeHead(308, { location: `${target}${path}` }).end()
}

function targetOf({ publicUrl, httpsPort }: RedirectOptions, host = ''): string | undefined {
  if (publicUrl.startsWith('https:')) return publicUrl
  const name = host.replace(/:\d+$/, '')
  const port = httpsPort()
  return HOST.test(name) ? `https://${name}${port === DEFAULT_PORT ? '' : `:${port}`}` : undefined
}
