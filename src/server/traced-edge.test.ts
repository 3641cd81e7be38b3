import assert from 'node:assert/strict'
import test from 'node:test'
import fastify from 'fastify'
import { refuse } from '../base/refusals.ts'
import type { SpanFacts, Trace, TraceCaller } from '../base/spans.ts'
import type { ConversationPort, SubmitReply } from '../protocol/conversation-port.ts'
import { tracedConversations, traceRequests } from './traced-edge.ts'

interface Told {
  readonly name: string
  readonly facts: SpanFacts
  readonly fault?: string | undefined
  readonly caller?: TraceCaller | undefined
}

/** Keeps what was measured, when it has ended. */
function notebook(): { readonly trace: Trace; readonly told: Told[] } {
  const told: Told[] = []
  const trace: Trace = {
    begin: (name, facts, caller) => ({
      end: (more, fault) => told.push({ name, facts: { ...facts, ...more }, fault, caller }),
    }),
  }
  return { trace, told }
}

const TEXT = 'what nobody else may read'

test('[SV120] a command is a span until its answer, with its refusal, and without what was written', async () => {
  const { trace, told } = notebook()
  const replies: SubmitReply[] = [{ kind: 'ack', seq: 3 }, refuse('busy')]
  const port = { submit: async () => replies.shift() } as unknown as ConversationPort
  const traced = tracedConversations(port, trace)
  const sender = { id: 'v', role: 'visitor', name: 'Ada' } as const
  const submission = { sender, key: 'k', command: { type: 'message', format: 'text', text: TEXT } } as const
  assert.deepEqual(await traced.submit('0000000000001', submission), { kind: 'ack', seq: 3 })
  await traced.submit('0000000000001', submission)
  const facts = { 'holdfast.conversation': '0000000000001', 'holdfast.command': 'message' }
  assert.deepEqual(
    told.map(({ facts: found, fault }) => [found, fault]),
    [
      [{ ...facts, 'holdfast.seq': 3 }, undefined],
      [{ ...facts, 'holdfast.refusal': 'busy' }, 'busy'],
    ],
  )
  assert.equal(JSON.stringify(told).includes(TEXT), false)
})

test('[SV120] a request is a span of its route and not of its address; probes are none', async () => {
  const { trace, told } = notebook()
  const app = fastify()
  traceRequests(app, trace)
  app.get('/api/conversations/:id/events', async () => ({}))
  app.get('/health/live', async () => ({}))
  app.get('/broken', async () => {
    throw new Error('broken')
  })
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  await app.inject({ url: '/api/conversations/secret-name/events?token=t', headers: { traceparent } })
  await app.inject('/health/live')
  await app.inject('/broken')
  await app.inject('/nowhere/secret-name')
  await app.close()
  assert.deepEqual(
    told.map(({ name, fault, caller }) => [name, fault, caller?.traceparent]),
    [
      ['GET /api/conversations/:id/events', undefined, traceparent],
      ['GET /broken', '500', undefined],
      ['GET unknown', undefined, undefined],
    ],
  )
  assert.equal(told[2]?.facts['http.response.status_code'], 404)
  assert.equal(JSON.stringify(told).includes('secret-name'), false)
})
