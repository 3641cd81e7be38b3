import type { ConversationId, Epoch, NodeName, Owner, ParticipantId, Seq } from '../base/ids.ts'
import type { RefusalCode } from '../base/refusals.ts'
import type { SubmitReply } from '../protocol/conversation-port.ts'
import type { Claimed, Slice, SliceOutcome } from '../store/log-store.ts'
import type { Ledger } from './ledger.ts'

/** One page load of one client: what a browser tab is between two reloads. */
export interface PageLoad {
  readonly client: string
  readonly load: number
  readonly participant: ParticipantId
  readonly isStaff: boolean
  /** What its token allows; absent: all conversations. */
  readonly conversation?: ConversationId
}

/** An event, or its place, as a client's application got it. */
export interface AppliedEvent {
  readonly seq: Seq
  readonly type: string
  readonly from?: ParticipantId
  readonly key?: string
  readonly body?: unknown
}

/** Everything that the checkers look at, each at the moment when it happens. */
export type Observation =
  /** A slice took place in the store. */
  | { readonly kind: 'stored'; readonly slice: Slice; readonly headBefore: Seq }
  /** A conversation has a new owner in the store. */
  | {
      readonly kind: 'owned'
      readonly conversation: ConversationId
      readonly epoch: Epoch
      readonly epochBefore: Epoch
      readonly by: Owner
    }
  /** The store tells a node what became of its slice. */
  | { readonly kind: 'append-answered'; readonly by: Owner; readonly slice: Slice; readonly outcome: SliceOutcome }
  /** The store gives a node a conversation. */
  | { readonly kind: 'claim-answered'; readonly by: Owner; readonly claimed: Claimed }
  /** A node sends events to another one that is attached. */
  | {
      readonly kind: 'published'
      readonly by: Owner
      readonly conversation: ConversationId
      readonly epoch: Epoch
    }
  /** A node answers a submission that another one passed on. */
  | {
      readonly kind: 'answered'
      readonly by: Owner
      readonly conversation: ConversationId
      readonly reply: SubmitReply
    }
  /** A page gave a command to its client library. */
  | {
      readonly kind: 'sent'
      readonly page: PageLoad
      readonly conversation: ConversationId
      readonly key: string
      /** Of what has words. */
      readonly text?: string
    }
  /** The library told its page that a command is in the log. */
  | {
      readonly kind: 'acknowledged'
      readonly page: PageLoad
      readonly conversation: ConversationId
      readonly key: string
      readonly seq: Seq
    }
  /** The library told its page that a command was refused and is given up. */
  | {
      readonly kind: 'refused'
      readonly page: PageLoad
      readonly conversation: ConversationId
      readonly key: string
      readonly code: RefusalCode
    }
  /** Events, or their places, came over the socket of a page, whatever its library makes of them. */
  | {
      readonly kind: 'delivered'
      readonly page: PageLoad
      readonly conversation: ConversationId
      readonly events: readonly AppliedEvent[]
    }
  /** The library gave an event to its page. */
  | {
      readonly kind: 'applied'
      readonly page: PageLoad
      readonly conversation: ConversationId
      readonly event: AppliedEvent
    }
  /** A node took an item of the outbox, or wrote down that it is done, in the store. */
  | { readonly kind: 'outbox-taken' | 'outbox-settled'; readonly id: string }
  /** Something was done outside. */
  | { readonly kind: 'effect'; readonly id: string; readonly lane: string; readonly body: string }
  /** A queue as full as it is now, and its bound. */
  | { readonly kind: 'queued'; readonly where: string; readonly bytes: number; readonly bytesMax: number }
  /** The end of the liveness phase: a conversation as the healed core holds it. */
  | {
      readonly kind: 'settled'
      readonly conversation: ConversationId
      /** In the store, and needs no owner. */
      readonly resting?: boolean
      readonly ownedBy: readonly NodeName[]
      readonly overdueTimerMs: number
    }

/** Looks at every observation; answers with one sentence when its rule is broken. */
export interface Checker {
  /** Id of the rule, as in the design (`LO1`). */
  readonly rule: string
  see(observation: Observation, ledger: Ledger): string | undefined
  /** The run is over. */
  end?(ledger: Ledger): string | undefined
}

export interface Violation {
  readonly rule: string
  readonly sentence: string
  readonly atMs: number
}
