import type { FastifyInstance } from 'fastify'
import type { Clock } from '../base/clock.ts'
import { within } from '../base/deadline.ts'
import type { EventRecord } from '../base/event-record.ts'
import type { ConversationId } from '../base/ids.ts'
import type { Random } from '../base/random.ts'
import { type Refusal, refuse } from '../base/refusals.ts'
import type { Command, Sender, Submission } from '../conversation/command.ts'
import type { ConversationSummary } from '../conversation/summary.ts'
import type { ConversationPort, ReadReply, SubmitReply } from '../protocol/conversation-port.ts'
import type { ConversationListAnswer, ConversationRow } from '../protocol/rest-answers.ts'
import {
  CloseRequest,
  ConversationParams,
  EventsQuery,
  ListQuery,
  MessageRequest,
  OpenRequest,
} from '../protocol/rest-schema.ts'
import { type Claims, senderOf } from '../protocol/tokens.ts'
import type { HeadRow, LogStore } from '../store/log-store.ts'
import { conversationOfKey } from './conversation-key-node.ts'
import { answerRefusal } from './http-answers.ts'
import type { TokenDesk } from './token-desk.ts'

interface ConversationRoutesPorts {
  readonly conversations: ConversationPort
  readonly heads: Pick<LogStore, 'list'>
  readonly desk: TokenDesk
  readonly clock: Clock
  readonly random: Random
}

// A request that waited this long tells its caller to try again with the same key.
const PATIENCE_MS = 15_000
const EVENTS_MAX = 1000
const LIST_MAX = 500

const LATE: Refusal = refuse('owner-unreachable', { retryAfterMs: 1000 })

/** REST beside the socket, for servers: open, post, read, close, list. Each answer is given once it is durable. */
export function conversationRoutes(app: FastifyInstance, ports: ConversationRoutesPorts): void {
  app.post<{ Body: OpenRequest }>(
    '/api/conversations',
    { config: { access: 'tokens' }, schema: { body: OpenRequest } },
    async (request, reply) => {
      const { key, name = 'Visitor', subject, mode = 'live', email } = request.body
      const conversation = key === undefined ? ports.random.id() : conversationOfKey(callerOf(request.claims), key)
      const known = key === undefined ? undefined : await read(ports, conversation, 0, 1)
      const visitor = ports.desk.visitorOf(conversation, { name, email })
      const about = { ...(subject !== undefined && { subject }), ...(email !== undefined && { email }) }
      const command: Command = { type: 'open', mode, ...about }
      const opened = await submit(ports, conversation, { sender: senderOf(visitor), key: 'open', command })
      if (opened.kind === 'refused') return answerRefusal(reply, opened)
      return reply.code(known?.kind === 'events' ? 200 : 201).send(ports.desk.issue(visitor, request))
    },
  )

  app.post<{ Params: ConversationParams; Body: MessageRequest }>(
    '/api/conversations/:id/messages',
    { config: { access: 'conversation' }, schema: { params: ConversationParams, body: MessageRequest } },
    async (request, reply) => {
      const { key, text, format = 'text' } = request.body
      const sender = senderIn(request.claims)
      const submission: Submission = { sender, key, command: { type: 'message', format, text } }
      const outcome = await submitAsMember(ports, request.params.id, submission)
      return outcome.kind === 'refused' ? answerRefusal(reply, outcome) : { key, seq: outcome.seq }
    },
  )

  app.post<{ Params: ConversationParams; Body: CloseRequest | null }>(
    '/api/conversations/:id/close',
    { config: { access: 'conversation' }, schema: { params: ConversationParams, body: CloseRequest } },
    async (request, reply) => {
      const sender = senderIn(request.claims)
      const reason = sender.role === 'visitor' ? 'by-visitor' : 'by-agent'
      const submission: Submission = {
        sender,
        key: request.body?.key ?? 'close',
        command: { type: 'close', reason },
      }
      const outcome = await submitAsMember(ports, request.params.id, submission)
      return outcome.kind === 'refused' ? answerRefusal(reply, outcome) : { seq: outcome.seq }
    },
  )

  app.get<{ Params: ConversationParams; Querystring: EventsQuery }>(
    '/api/conversations/:id/events',
    { config: { access: 'conversation' }, schema: { params: ConversationParams, querystring: EventsQuery } },
    async (request, reply) => {
      const { after = '0', limit = '500' } = request.query
      const { id } = request.params
      const answer = await read(ports, id, Number(after), Math.min(Math.max(1, Number(limit)), EVENTS_MAX))
      if (answer.kind === 'refused') return answerRefusal(reply, answer)
      const events = answer.records.map((record) => visibleJson(record, request.claims)).join(',')
      const body = `{"conversation":"${id}","headSeq":${answer.headSeq},"events":[${events}]}`
      return reply.type('application/json; charset=utf-8').send(body)
    },
  )

  app.get<{ Querystring: ListQuery }>(
    '/api/conversations',
    { config: { access: 'conversations' }, schema: { querystring: ListQuery } },
    async (request): Promise<ConversationListAnswer> => {
      const { status = 'open', before } = request.query
      const limit = Math.min(Math.max(1, Number(request.query.limit ?? 200)), LIST_MAX)
      const rows = await ports.heads.list({
        ...(status === 'all' ? {} : { status }),
        ...(before === undefined ? {} : { before: Number(before) }),
        limit: limit + 1,
      })
      return { conversations: rows.slice(0, limit).map(rowOf), more: rows.length > limit }
    },
  )
}

/** The stored text of an event, or a place holder where the reader may not see it. */
function visibleJson(record: EventRecord, claims: Claims | null): string {
  const hidden = record.audience === 'staff' && claims?.kind !== 'staff'
  return hidden ? `{"type":"skip","seq":${record.seq}}` : record.json
}

export function rowOf(head: HeadRow): ConversationRow {
  const summary = summaryOf(head.summary)
  return {
    conversation: head.conversation,
    status: head.status,
    headSeq: head.seq,
    epoch: head.epoch,
    openedAt: head.openedAt,
    changedAt: head.changedAt,
    ...(head.owner ? { owner: head.owner.node } : {}),
    ...(summary ? { summary } : {}),
  }
}

/** The summary is our own JSON; it is empty in the moment before the first event. */
function summaryOf(json: string): ConversationSummary | undefined {
  const summary = json === '' ? undefined : (JSON.parse(json) as Partial<ConversationSummary>)
  return summary?.participants ? (summary as ConversationSummary) : undefined
}

/** Staff who speak by REST need not join first: speaking joins them. */
async function submitAsMember(
  ports: ConversationRoutesPorts,
  conversation: ConversationId,
  submission: Submission,
): Promise<SubmitReply> {
  const outcome = await submit(ports, conversation, submission)
  const { sender } = submission
  if (outcome.kind === 'ack' || outcome.code !== 'not-joined' || sender.role === 'visitor') return outcome
  const join: Submission = { sender, key: `join-${ports.random.id()}`, command: { type: 'join' } }
  const joined = await submit(ports, conversation, join)
  if (joined.kind === 'refused' && joined.code !== 'already-joined') return joined
  return submit(ports, conversation, submission)
}

function submit(
  ports: ConversationRoutesPorts,
  conversation: ConversationId,
  submission: Submission,
): Promise<SubmitReply> {
  return within(ports.clock, PATIENCE_MS, ports.conversations.submit(conversation, submission), LATE)
}

function read(
  ports: ConversationRoutesPorts,
  conversation: ConversationId,
  after: number,
  limit: number,
): Promise<ReadReply> {
  return within(ports.clock, PATIENCE_MS, ports.conversations.read(conversation, after, limit), LATE)
}

function senderIn(claims: Claims | null): Sender {
  if (!claims) throw new Error('A guarded route was reached without a token.')
  return senderOf(claims)
}

function callerOf(claims: Claims | null): string {
  return senderIn(claims).id
}
