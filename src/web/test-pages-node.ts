import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import type { AlarmsAnswer } from '../protocol/alarm-answers.ts'
import { MOVED_PAGES, PAGE_POLICY, pageFileAt } from '../protocol/page-policy.ts'
import type { Scope, StaffClaims } from '../protocol/tokens.ts'
import { builtPages } from './page-build-node.ts'

/** Answers a REST call in a test: a value, or `undefined` for "no such entrance". A function decides by the call. */
export type RestAnswer = (call: { path: string; query: URLSearchParams; body: unknown; token?: string }) => unknown

/** A refusal that a test gives. */
export class RestRefusal {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string) {
    this.status = status
    this.code = code
  }
}

/** The built pages with the policy of production, and REST entrances as a test wants them: `'GET /api/cluster'`. */
export interface PageServer {
  readonly url: string
  readonly server: Server
  /** Entrances by method and path; a test changes them while it runs. */
  readonly rest: Map<string, RestAnswer>
  close(): Promise<void>
}

/** The token of somebody who may so much. Nobody signed it: the REST side of a test believes it or not. */
export function staffToken(scopes: readonly Scope[], more: Partial<StaffClaims> = {}): string {
  const { subject, ...rest } = { kind: 'staff', subject: 'ada', name: 'Ada', role: 'supervisor', scopes, ...more }
  const payload = Buffer.from(JSON.stringify({ ...rest, sub: subject })).toString('base64url')
  return `test.${payload}.test`
}

const NO_ALARMS: AlarmsAnswer = { fresh: true, open: [], waiting: [], over: [], silences: [] }

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

/** Serves the pages at a free port. No alarm is open; all other entrances are for the test to give. */
export async function servePages(): Promise<PageServer> {
  const folder = await builtPages()
  const rest = new Map<string, RestAnswer>([['GET /api/alarms', () => NO_ALARMS]])
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    if (url.pathname.startsWith('/api/')) {
      const [status, answer] = await answerRest(rest, request, url)
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
      return
    }
    const moved = MOVED_PAGES[url.pathname]
    if (moved !== undefined) {
      response.writeHead(302, { location: moved }).end()
      return
    }
    const file = normalize(pageFileAt(url.pathname) ?? url.pathname)
    try {
      const content = await readFile(join(folder, file))
      const type = TYPES[extname(file)] ?? 'application/octet-stream'
      response.writeHead(200, { 'content-type': type, 'content-security-policy': PAGE_POLICY }).end(content)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    server,
    rest,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answerRest(
  rest: ReadonlyMap<string, RestAnswer>,
  request: IncomingMessage,
  url: URL,
): Promise<readonly [number, unknown]> {
  const text = await textOf(request)
  const token = request.headers.authorization?.replace(/^Bearer /, '')
  const body: unknown = text === '' ? undefined : JSON.parse(text)
  const entrance = rest.get(`${request.method} ${url.pathname}`) ?? rest.get(`${request.method} *`)
  const call = { path: url.pathname, query: url.searchParams, body, ...(token !== undefined && { token }) }
  const answer = await entrance?.(call)
  if (answer instanceof RestRefusal)
    return [answer.status, { code: answer.code, definite: true, message: `Refused: ${answer.code}.` }]
  return answer === undefined ? [404, {}] : [200, answer]
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += chunk
  return text
}
