import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Span, Trace } from '../base/spans.ts'
import type { ConversationPort } from '../protocol/conversation-port.ts'

/** Makes a span of every command that clients send over their sockets, until it is acknowledged or refused. */
export function tracedConversations(conversations: ConversationPort, trace: Trace): ConversationPort {
  return {
    attach: (conversation, after, subscriber) => conversations.attach(conversation, after, subscriber),
    signal: (conversation, ephemeral) => conversations.signal(conversation, ephemeral),
    read: (conversation, after, limit) => conversations.read(conversation, after, limit),
    async submit(conversation, submission) {
      const { type } = submission.command
      const span = trace.begin(`command ${type}`, { 'holdfast.conversation': conversation, 'holdfast.command': type })
      try {
        const reply = await conversations.submit(conversation, submission)
        if (reply.kind === 'ack') span.end({ 'holdfast.seq': reply.seq })
        else span.end({ 'holdfast.refusal': reply.code }, reply.code)
        return reply
      } catch (error) {
        span.end({}, 'failed')
        throw error
      }
    },
  }
}

// Balancers and collectors ask all the time; nobody looks for their traces.
const UNTOLD = /^\/(health|metrics|Chime\/API\/Health)/

/**
 * Makes a span of every request, named by its route: addresses hold conversations and names. Names of the facts are
 * OpenTelemetry's (semantic conventions for HTTP).
 */
export function traceRequests(app: FastifyInstance, trace: Trace): void {
  const spans = new WeakMap<FastifyRequest, Span>()
  app.addHook('onRequest', async (request) => {
    const { method, routeOptions, headers } = request
    const route = routeOptions.url ?? 'unknown'
    if (UNTOLD.test(route)) return
    const { traceparent } = headers
    const facts = { 'http.request.method': method, 'http.route': route }
    const caller = typeof traceparent === 'string' ? { traceparent } : {}
    spans.set(request, trace.begin(`${method} ${route}`, facts, caller))
  })
  app.addHook('onResponse', async (request, { statusCode }) => {
    const fault = statusCode >= 500 ? String(statusCode) : undefined
    spans.get(request)?.end({ 'http.response.status_code': statusCode }, fault)
  })
}
