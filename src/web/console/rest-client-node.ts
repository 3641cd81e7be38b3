import type { RefusedAnswer } from '../../protocol/rest-answers.ts'

/** How a call ended: answers are values, trouble too. */
export type RestResult<Answer> =
  | { readonly kind: 'ok'; readonly answer: Answer }
  | { readonly kind: 'refused'; readonly refusal: RefusedAnswer }
  /** No answer, or none of ours: the node is away or something stands in between. */
  | { readonly kind: 'unreachable' }

const TIMEOUT_MS = 5_000

/** Calls this page's own node, in the name of a token or, at the door, of nobody. `body` makes it a POST. */
export async function callRest<Answer>(
  path: string,
  token?: string,
  body?: unknown,
  patienceMs: number = TIMEOUT_MS,
): Promise<RestResult<Answer>> {
  const json = { 'content-type': 'application/json' }
  try {
    const response = await fetch(path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...(body !== undefined && json) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      cache: 'no-store',
      signal: AbortSignal.timeout(patienceMs),
    })
    const answer: unknown = await response.json()
    if (response.ok) return { kind: 'ok', answer: answer as Answer }
    return isRefusal(answer) ? { kind: 'refused', refusal: answer } : { kind: 'unreachable' }
  } catch {
    return { kind: 'unreachable' }
  }
}

function isRefusal(answer: unknown): answer is RefusedAnswer {
  return typeof answer === 'object' && answer !== null && 'code' in answer && 'message' in answer
}
