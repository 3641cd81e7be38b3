import type { ConversationStatus } from '../protocol/conversation-port.ts'
import type { ConnectionState } from './connection/connection-decision.ts'

/** A sentence for a person, and how much of a worry it is. */
export interface StatusLine {
  readonly tone: 'quiet' | 'warning'
  readonly text: string
}

/** What the status line depends on; `Ms` are readings of one monotonic clock. */
export interface StatusInput {
  readonly connection: ConnectionState
  readonly connectionSinceMs: number
  readonly conversation: ConversationStatus
  readonly conversationSinceMs: number
  readonly nowMs: number
}

/** What is shown now, and after how many milliseconds to ask again, though nothing changed. */
export interface StatusDecision {
  readonly line?: StatusLine
  readonly againInMs?: number
}

interface Patience {
  /** Shorter than this nobody is told: most troubles are over before a reader has read the sentence. */
  readonly afterMs: number
  readonly line: StatusLine
}

const CONNECTION: Readonly<Record<ConnectionState, Patience | undefined>> = {
  online: undefined,
  connecting: { afterMs: 800, line: { tone: 'quiet', text: 'Connecting…' } },
  resuming: { afterMs: 4_000, line: { tone: 'quiet', text: 'Finding a way through. What you write is kept.' } },
  offline: { afterMs: 2_500, line: { tone: 'warning', text: 'Out of reach. What you write is sent when it is back.' } },
  stopped: { afterMs: 0, line: { tone: 'warning', text: 'Please reload this page to go on.' } },
}

const CONVERSATION: Readonly<Record<ConversationStatus, Patience | undefined>> = {
  live: undefined,
  resuming: { afterMs: 5_000, line: { tone: 'quiet', text: 'One moment. What you write is kept.' } },
  'store-unavailable': { afterMs: 2_500, line: { tone: 'quiet', text: 'One moment. What you write is kept.' } },
}

/** Decides what a page says about its connection: nothing, unless it lasts. */
export function calmStatus(input: StatusInput): StatusDecision {
  const own = patienceLeft(CONNECTION[input.connection], input.nowMs - input.connectionSinceMs)
  if (input.connection !== 'online') return own
  return patienceLeft(CONVERSATION[input.conversation], input.nowMs - input.conversationSinceMs)
}

function patienceLeft(patience: Patience | undefined, lastedMs: number): StatusDecision {
  if (!patience) return {}
  return lastedMs >= patience.afterMs ? { line: patience.line } : { againInMs: patience.afterMs - lastedMs }
}
