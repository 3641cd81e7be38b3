import type { ConversationId, ParticipantId, Seq } from '../base/ids.ts'
import type { RefusalCode } from '../base/refusals.ts'
import type { Command } from '../conversation/command.ts'
import type { ConversationStatus } from './conversation-port.ts'

/**
 * `holdfast.v1`: JSON text frames over a WebSocket whose subprotocol is `holdfast.v1`. Unknown fields are ignored,
 * unknown types refused, so that N and N-1 understand each other.
 */
export const SUBPROTOCOL = 'holdfast.v1'
/** Feature versions of this build, highest first. `hello.versions` and this list must have one in common. */
export const VERSIONS: readonly number[] = [1]

/** What a client may ask by `send`; timers and opening are not for clients (opening happens when a visitor attaches). */
export type ClientCommand = Exclude<Command, { type: 'timer' | 'open' }>

export type ClientFrame =
  | {
      readonly type: 'hello'
      readonly token: string
      readonly versions: readonly number[]
      /** Random per page load; the scope of `n`. */
      readonly instance: string
      /** Rises with each socket of one instance; a lower one than seen is refused as stale. */
      readonly connection: number
      readonly resume: readonly { readonly conversation: ConversationId; readonly after: Seq }[]
      /** Version of the page's library, for the operator. */
      readonly library?: string
    }
  | { readonly type: 'attach'; readonly conversation: ConversationId; readonly after: Seq }
  | { readonly type: 'detach'; readonly conversation: ConversationId }
  | {
      readonly type: 'send'
      readonly conversation: ConversationId
      readonly key: string
      readonly n: number
      readonly floor: number
      /** Only on entries of an older page load's outbox; else the instance of `hello`. */
      readonly instance?: string
      readonly body: ClientCommand
    }
  | { readonly type: 'typing'; readonly conversation: ConversationId; readonly on: boolean }
  | { readonly type: 'seen'; readonly conversation: ConversationId; readonly seq: Seq }
  | { readonly type: 'refresh'; readonly token: string }
  | { readonly type: 'ping' }
  | { readonly type: 'pong' }

/** An event as clients see it; a hidden one reaches those who may not see it as `skip`, so that ranges stay contiguous. */
export interface WireEvent {
  readonly seq: Seq
  readonly at: number
  readonly type: string
  readonly from: ParticipantId
  readonly key?: string
  readonly body: Readonly<Record<string, unknown>>
}
export interface WireSkip {
  readonly type: 'skip'
  readonly seq: Seq
}

export type ServerFrame =
  | {
      readonly type: 'welcome'
      readonly node: string
      readonly version: number
      readonly heartbeatMs: number
      readonly limits: { readonly frameBytes: number; readonly textLength: number }
      /** Other addresses of this system, `wss://...`, for the client's list. */
      readonly addresses: readonly string[]
    }
  | {
      readonly type: 'events'
      readonly conversation: ConversationId
      readonly events: readonly (WireEvent | WireSkip)[]
    }
  | { readonly type: 'ack'; readonly conversation: ConversationId; readonly key: string; readonly seq: Seq }
  | {
      readonly type: 'refused'
      readonly conversation?: ConversationId
      readonly key?: string
      readonly code: RefusalCode
      readonly definite: boolean
      readonly retryAfterMs?: number
      readonly detail?: string
    }
  | { readonly type: 'status'; readonly conversation: ConversationId; readonly status: ConversationStatus }
  | {
      readonly type: 'typing'
      readonly conversation: ConversationId
      readonly from: ParticipantId
      readonly on: boolean
    }
  | { readonly type: 'seen'; readonly conversation: ConversationId; readonly from: ParticipantId; readonly seq: Seq }
  /** A notice that is not kept in the log: who is here now sees it, and nobody later. */
  | {
      readonly type: 'notice'
      readonly conversation: ConversationId
      readonly from: ParticipantId
      readonly notice: string
      readonly url?: string
      readonly data?: string
    }
  | { readonly type: 'ended'; readonly conversation: ConversationId; readonly code: RefusalCode }
  /** Reconnect somewhere within `withinMs`, best at `hint`. */
  | { readonly type: 'goaway'; readonly withinMs: number; readonly hint?: string }
  | { readonly type: 'ping' }
  | { readonly type: 'pong' }
