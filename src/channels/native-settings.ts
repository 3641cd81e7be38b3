import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import type { Mode } from '../conversation/event.ts'
import { TEXT_LENGTH_MAX } from '../conversation/text-rule.ts'
import type { ConversationPort } from '../protocol/conversation-port.ts'
import type { Tokens } from '../protocol/tokens.ts'

/** What the operator of a node says about its client sockets. */
export interface NativeChannelSettings {
  readonly node: string
  readonly heartbeatMs: number
  readonly frameBytes: number
  readonly textLength: number
  /** Bytes that may wait in one socket. Events wait elsewhere, a client that falls behind reads them again. */
  readonly sendQueueBytes: number
  /** A client that takes nothing for so long, though it is owed something, is cut; it resumes from its last event. */
  readonly slowMs: number
  /** Commands of one socket; twice as many at once pass. Ten times as many frames of any kind are a flood. */
  readonly messagesPerSecond: number
  /** The first frame must be there by then. */
  readonly helloWithinMs: number
  /** How long after the end of its token a client may still bring a fresh one. */
  readonly tokenGraceMs: number
  /** How a visitor's conversation opens. */
  readonly mode: Mode
  /** Other addresses of the system, `wss://...`, for the client's list. */
  addresses(): readonly string[]
  /** While the node gives everything away, and another one takes clients: the time in which who comes is to go there. */
  leavesWithinMs(): number | undefined
}

export const NATIVE_CHANNEL_DEFAULTS = {
  heartbeatMs: 10_000,
  frameBytes: 65_536,
  textLength: TEXT_LENGTH_MAX,
  sendQueueBytes: 1024 * 1024,
  slowMs: 10_000,
  messagesPerSecond: 20,
  helloWithinMs: 5000,
  tokenGraceMs: 30_000,
  mode: 'live',
  leavesWithinMs: () => undefined,
} as const satisfies Partial<NativeChannelSettings>

/** What the channel needs of its node. */
export interface NativeChannelPorts {
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly tokens: Tokens
  readonly conversations: ConversationPort
}
