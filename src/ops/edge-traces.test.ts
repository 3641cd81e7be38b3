import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { text } from 'node:stream/consumers'
import test, { type TestContext } from 'node:test'
import { type Log, silentLog } from '../base/log.ts'
import { type EdgeTraces, openEdgeTraces } from './edge-traces-node.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'

interface SentSpan {
  readonly name: string
  readonly traceId: string
  readonly parentSpanId?: string
  readonly status: { readonly code?: number; readonly message?: string }
  readonly attributes: readonly { readonly key: string; readonly value: object }[]
}

/** A collector that keeps what it is sent. */
async function collector(context: TestContext) {
  const bodies: string[] = []
  const server = createServer(async (request, response) => {
    bodies.push(await text(request))
    response.setHeader('content-type', 'application/json').end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const resources = () => bodies.flatMap((body) => JSON.parse(body).resourceSpans)
  return {
    url: `http://127.0.0.1:${port}/v1/traces`,
    resources,
    spans: (): SentSpan[] =>
      resources().flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope: { spans: object }) => scope.spans)),
  }
}

const opened = (url: string, more: { percent?: number; log?: Log } = {}): EdgeTraces =>
  openEdgeTraces({ url, percent: 100, node: 'e1', version: '1.2.3', log: silentLog, ...more })

test('[OP60] a collector is sent each act with its facts, and in whose trace it stands', async (context) => {
  const { url, spans, resources } = await collector(context)
  const traces = opened(url)
  traces.begin('command message', { 'holdfast.conversation': '0000000000001' }).end({ 'holdfast.seq': 7 })
  traces.begin('POST /x', {}, { traceparent: `00-${TRACE}-${SPAN}-01` }).end({}, 'busy')
  traces.begin('GET /y', {}, { traceparent: 'no trace at all' }).end()
  await traces.stop()
  const [command, request, odd] = spans()
  assert.equal(command?.name, 'command message')
  assert.deepEqual(command?.attributes, [
    { key: 'holdfast.conversation', value: { stringValue: '0000000000001' } },
    { key: 'holdfast.seq', value: { intValue: 7 } },
  ])
  assert.equal(command?.status.code, 0)
  assert.deepEqual([request?.traceId, request?.parentSpanId, request?.status.message], [TRACE, SPAN, 'busy'])
  assert.notEqual(odd?.traceId, TRACE)
  const facts = JSON.stringify(resources()[0].resource)
  for (const fact of ['holdfast', '1.2.3', 'e1']) assert.match(facts, new RegExp(`"stringValue":"${fact}"`))
})

test('[OP60] a caller who keeps no trace of his own has none kept here', async (context) => {
  const { url, spans } = await collector(context)
  const traces = opened(url)
  for (let count = 0; count < 50; count++) traces.begin('GET /x', {}, { traceparent: `00-${TRACE}-${SPAN}-00` }).end()
  await traces.stop()
  assert.equal(spans().length, 0)
})

test('[OP61] a collector that is away costs a bounded queue, is told of once, and does not hold up the end', async () => {
  const gone = createTcpServer().listen(0, '127.0.0.1')
  await once(gone, 'listening')
  const { port } = gone.address() as AddressInfo
  gone.close()
  const warnings: string[] = []
  const log: Log = { ...silentLog, warn: (sentence) => warnings.push(sentence) }
  const traces = opened(`http://127.0.0.1:${port}/v1/traces`, { log })
  for (let count = 0; count < 10_000; count++) traces.begin('GET /x', {}).end()
  await traces.stop()
  assert.equal(warnings.length, 1)
  assert.match(warnings[0] ?? '', /does not take traces; they are dropped until it does/)
})
