import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify'
import type { Log } from '../base/log.ts'
import { REFUSALS, type Refusal, refuse } from '../base/refusals.ts'
import type { RefusedAnswer } from '../protocol/rest-answers.ts'
import { IndefiniteOutcome, StoreUnavailable } from '../store/log-store.ts'

const STORE_RETRY_MS = 1000

/** Answers a refusal of the catalogue, with its HTTP status. */
export function answerRefusal(reply: FastifyReply, refusal: Refusal, status?: number): FastifyReply {
  const { definite, http, meaning } = REFUSALS[refusal.code]
  if (refusal.retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(refusal.retryAfterMs / 1000))
  if (http === 401) reply.header('www-authenticate', 'Bearer')
  const answer: RefusedAnswer = {
    code: refusal.code,
    definite,
    message: refusal.detail ?? meaning,
    ...(refusal.retryAfterMs === undefined ? {} : { retryAfterMs: refusal.retryAfterMs }),
  }
  return reply
    .code(status ?? http)
    .header('cache-control', 'no-store')
    .send(answer)
}

/** Turns every error of the HTTP side into a refusal of the catalogue; what we did not expect is logged. */
export function answerErrors(app: FastifyInstance, log: Log): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const away = error instanceof StoreUnavailable || error instanceof IndefiniteOutcome
    const refusal = away ? refuse('store-unavailable', { retryAfterMs: STORE_RETRY_MS }) : refusalOf(error)
    if (refusal) return answerRefusal(reply, refusal)
    const url = request.routeOptions.url ?? 'an unknown route'
    log.error(`A request to ${url} met a fault of ours.`, { error })
    const detail = 'The node met a fault of its own; try again with the same key.'
    return answerRefusal(reply, refuse('server-fault', { detail }))
  })
  app.setNotFoundHandler({ preHandler: [] }, (_request, reply) =>
    answerRefusal(reply, refuse('malformed', { detail: 'There is nothing at this address.' }), 404),
  )
}

function refusalOf(error: FastifyError): Refusal | undefined {
  const status = error.statusCode ?? 500
  if (status === 413) return refuse('too-large')
  if (status === 429) return refuse('rate-limited', { retryAfterMs: retryAfterMsOf(error) })
  // The messages of validation name fields of the request, never values.
  if (error.validation) return refuse('malformed', { detail: `The request is malformed: ${error.message}` })
  return status >= 400 && status < 500 ? refuse('malformed') : undefined
}

function retryAfterMsOf(error: FastifyError & { retryAfterMs?: number }): number {
  return error.retryAfterMs ?? 1000
}
