import fc from 'fast-check'
import type { InjectOptions } from 'fastify'
import { httpStage, OTHER, OWN, staffToken, visitorToken } from '../../server/http-stage.ts'
import { type FuzzedDecoder, mustHold } from '../fuzzed-decoder.ts'
import { nearly, textOf } from './json-shapes.ts'

/** What is away is no fault: here it is the pages, which were not built. */
const AWAY = 503

const TOKENS: Readonly<Record<string, string>> = {
  none: '',
  visitor: `Bearer ${visitorToken(OWN)}`,
  stranger: `Bearer ${visitorToken(OTHER)}`,
  agent: `Bearer ${staffToken('conversations')}`,
  giver: `Bearer ${staffToken('tokens')}`,
  admin: `Bearer ${staffToken('admin', 'tokens', 'conversations')}`,
}

/** A line for the request, a token or a header as it is, and the body. */
const request = (line: string, token: string, body: string) => `${line}\n${token}\n${body}`
const BODIES: readonly (readonly [string, string, Readonly<Record<string, unknown>>])[] = [
  ['POST /api/conversations', 'giver', { key: 'k', name: 'N', subject: 's', mode: 'live' }],
  [`POST /api/conversations/${OWN}/messages`, 'visitor', { key: 'k', text: 'hi', format: 'text' }],
  [`POST /api/conversations/${OWN}/close`, 'agent', { key: 'k' }],
  [
    'POST /api/tokens',
    'giver',
    { kind: 'staff', name: 'N', subject: 's', role: 'bot', scopes: ['tokens'], lifetimeMs: 60_000 },
  ],
  ['POST /api/tokens', 'none', { kind: 'visitor', name: 'N', topic: 't', token: 'x', conversation: OWN }],
  ['POST /api/tokens/refresh', 'none', { token: visitorToken(OWN) }],
  ['POST /api/demo/token', 'none', { name: 'N' }],
  ['POST /api/cluster/nodes/n1/drain', 'admin', { finish: true, deadlineMs: 1, seconds: 1 }],
  ['POST /api/cluster/nodes/n1/move', 'admin', { conversation: OWN, to: 'e1' }],
]
const READS = [
  `GET /api/conversations/${OWN}/events?after=0&limit=5`,
  'GET /api/conversations?status=all&before=1&limit=1',
  ...[
    'GET /api/cluster',
    'GET /api/cluster/decisions?limit=1&after=1',
    'GET /api/kpi',
    'GET /health/ready',
    'GET /metrics',
  ],
]

/** Requests to the HTTP side on fakes: any method, path, token and body. Nothing is ever our own fault. */
export async function open(): Promise<FuzzedDecoder> {
  const { app } = await httpStage()
  return {
    seeds: [
      ...BODIES.map(([line, token, body]) => request(line, token, JSON.stringify(body))),
      ...READS.map((line) => request(line, 'admin', '')),
    ],
    words: [
      ...Object.keys(TOKENS),
      ...READS,
      OWN,
      OTHER,
      'POST',
      'GET',
      'Bearer ',
      'expired:',
      'unknown:',
      '%00',
      '%2f',
      '?',
      '&',
    ],
    drawn: fc.oneof(
      ...BODIES.map(([line, token, body]) => nearly(body).map((json) => request(line, token, json))),
      fc
        .tuple(fc.constantFrom(...READS), fc.constantFrom(...Object.keys(TOKENS)))
        .map(([line, token]) => request(line, token, '')),
    ),
    async read(input) {
      const options = requestIn(textOf(input))
      if (!options) return
      const answer = await app.inject(options)
      mustHold(
        answer.statusCode < 500 || answer.statusCode === AWAY,
        `${options.method} ${options.url} is answered ${answer.statusCode}: ${answer.body.slice(0, 80)}`,
      )
    },
  }
}

/** What the fake connection can carry at all: the real one is tried over real sockets. */
function requestIn(text: string): InjectOptions | undefined {
  const [line = '', token = '', ...rest] = text.split('\n')
  const [, method, url] = /^(GET|POST|PUT|DELETE|HEAD|OPTIONS|PATCH) (\/[\x21-\x7e]*)$/.exec(line) ?? []
  if (!method || !url || !URL.canParse(url, 'http://door.example')) return undefined
  const authorization = (TOKENS[token] ?? token).replaceAll(/[^\x20-\x7e]/g, '')
  const payload = rest.join('\n')
  return {
    method: method as 'GET',
    url,
    headers: { ...(authorization && { authorization }), ...(payload && { 'content-type': 'application/json' }) },
    ...(payload && { payload }),
  }
}
