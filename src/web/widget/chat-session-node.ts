import type { Seq } from '../../base/ids.ts'
import type { TokenAnswer, VisitorTokenRequest } from '../../protocol/rest-answers.ts'

/** What a tab remembers of its conversation over reloads and from page to page. */
export interface ChatSession {
  readonly token: TokenAnswer
  /** The widget's version that began it. */
  readonly version: string
  readonly seenSeq: Seq
  readonly draft: string
  /** Wall time of the last change, in milliseconds since 1970. */
  readonly changedAt: number
}

const KEY = 'holdfast:chat'
// A conversation that was silent for so long may go on with a newer widget.
const IDLE_MS = 30 * 60_000

/** The session of this tab, if there is one that can be read. */
export function loadSession(): ChatSession | undefined {
  try {
    const session: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? 'null')
    return isSession(session) ? session : undefined
  } catch {
    return undefined
  }
}

/** Remembers the session. Where the browser forbids storage, a reload begins another conversation. */
export function saveSession(session: Omit<ChatSession, 'changedAt'>): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ ...session, changedAt: Date.now() }))
  } catch {
    // Full or forbidden.
  }
}

export function forgetSession(): void {
  try {
    sessionStorage.removeItem(KEY)
  } catch {
    // Forbidden: then nothing is there to forget.
  }
}

/** The version that a running conversation began with, unless it has been idle for long. */
export function pinnedVersion(): string | undefined {
  const session = loadSession()
  return session && Date.now() - session.changedAt < IDLE_MS ? session.version : undefined
}

/** A token was refused for good: what was remembered is worth nothing. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused'
}

const TIMEOUT_MS = 8_000

/** Asks `tokenUrl` for a visitor's token. Throws `TokenRefused` where trying again is useless, else any error. */
export async function fetchToken(tokenUrl: string, request: VisitorTokenRequest): Promise<TokenAnswer> {
  const response = await fetch(tokenUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  if (response.status === 401 || response.status === 403) throw new TokenRefused(`${tokenUrl}: ${response.status}`)
  if (!response.ok) throw new Error(`${tokenUrl}: ${response.status}`)
  const answer: unknown = await response.json()
  if (!isToken(answer)) throw new Error(`${tokenUrl} gave no token of a visitor`)
  return answer
}

function isSession(value: unknown): value is ChatSession {
  return typeof value === 'object' && value !== null && 'token' in value && isToken(value.token) && 'version' in value
}

function isToken(value: unknown): value is TokenAnswer & { conversation: string } {
  const fields =
    typeof value === 'object' && value !== null ? (value as Partial<Record<keyof TokenAnswer, unknown>>) : {}
  const texts = [fields.token, fields.conversation, fields.subject]
  return texts.every((text) => typeof text === 'string') && Array.isArray(fields.addresses)
}
