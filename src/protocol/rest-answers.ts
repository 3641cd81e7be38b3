import type { ConversationId, Epoch, NodeName, ParticipantId, Seq } from '../base/ids.ts'
import type { MetricName } from '../base/metrics.ts'
import type { RefusalCode } from '../base/refusals.ts'
import type { ConversationSummary } from '../conversation/summary.ts'
import type { WireEvent, WireSkip } from './client-frames.ts'

/**
 * What the REST side answers, as JSON. Paths are relative to the node's address; times are milliseconds since 1970.
 * Whatever is refused is answered with the HTTP status of its code in `REFUSALS` and a `RefusedAnswer`.
 */
export interface RefusedAnswer {
  readonly code: RefusalCode
  readonly definite: boolean
  /** One sentence for a person. */
  readonly message: string
  readonly retryAfterMs?: number
}

/**
 * `POST /api/tokens` (scope `tokens`), `POST /api/tokens/refresh` and, where the demo is on, `POST /api/demo/token`,
 * which asks for no token and gives a visitor's one. The widget posts `VisitorTokenRequest` to its `token-url`.
 */
export interface TokenAnswer {
  readonly token: string
  readonly expiresAt: number
  /** On visitor tokens: the conversation that the token names. It may not exist yet. */
  readonly conversation?: ConversationId
  /** Who the holder is in its conversations. */
  readonly subject: ParticipantId
  readonly name: string
  /** `ws://` or `wss://` addresses of all edges, the asked one first. */
  readonly addresses: readonly string[]
}

/** What a widget asks its `token-url` for. With `token` (perhaps expired): a fresh one for the same conversation. */
export interface VisitorTokenRequest {
  readonly name?: string
  /** What a new conversation is about. */
  readonly topic?: string
  readonly token?: string
}

/** One row of `GET /api/conversations`, without reading a log. */
export interface ConversationRow {
  readonly conversation: ConversationId
  readonly status: 'open' | 'closed'
  readonly headSeq: Seq
  readonly epoch: Epoch
  readonly owner?: NodeName
  readonly openedAt: number
  readonly changedAt: number
  /** Absent in the moment between the opening of a log and its first event. */
  readonly summary?: ConversationSummary
}

/** `GET /api/conversations?status=open|closed|all&limit=200`, latest change first (scope `conversations`). */
export interface ConversationListAnswer {
  readonly conversations: readonly ConversationRow[]
  /** There are more than `limit`. */
  readonly more: boolean
}

/** `GET /api/conversations/:id/events?after=0&limit=500`. */
export interface EventsAnswer {
  readonly conversation: ConversationId
  readonly headSeq: Seq
  readonly events: readonly (WireEvent | WireSkip)[]
}

/** One node as the cluster page shows it. */
export interface NodeRow {
  readonly name: NodeName
  readonly role: 'chat' | 'edge' | 'all' | 'backup'
  readonly mode: 'enabled' | 'disabled' | 'draining'
  /** As the answering node sees it. `suspect`: silent for a moment; `dead`: tombstoned or past its lease. */
  readonly state: 'live' | 'suspect' | 'dead'
  readonly incarnation: string
  readonly version: string
  /** Milliseconds since the node was heard of; 0 for the answering node. */
  readonly beatAgeMs: number
  readonly startedAt?: number
  readonly owned: number
  readonly attached: number
  readonly sockets: number
  /** Where its pages and its REST are served. */
  readonly url?: string
  /** Started by `holdfast up`, which may kill, pause and restart it. */
  readonly supervised: boolean
}

/** Which node owns a conversation. */
export interface OwnedRow {
  readonly conversation: ConversationId
  readonly epoch: Epoch
  readonly owner?: NodeName
}

/** A conversation that could not be restored: nobody serves it until it was repaired and somebody asks for it. */
export interface DamagedRow {
  readonly conversation: ConversationId
  readonly reason: string
}

/** `GET /api/cluster` (scope `admin`). */
export interface ClusterAnswer {
  /** The node that answered. */
  readonly node: NodeName
  readonly version: string
  readonly publicUrl: string
  readonly at: number
  readonly nodes: readonly NodeRow[]
  /** Open conversations, the latest changed first, at most 500. */
  readonly ownership: readonly OwnedRow[]
  /** Open conversations, owned or at rest: all of them, or where there are more than `ownership` shows, at least so many. */
  readonly openConversations: number
  /** Conversations that are set apart, at most 20. */
  readonly damaged: readonly DamagedRow[]
  /** Sums over the nodes that answered within half a second. */
  readonly counters: Readonly<Partial<Record<MetricName, number>>>
  /** The acts that `POST /api/cluster/nodes/:name/:act` knows here; without a supervisor there is no kill. */
  readonly acts: readonly NodeAct[]
}

/** An automatic decision of a node, with its reason. */
export interface DecisionRow {
  /** The same on each read: incarnation and a running number. */
  readonly id: string
  readonly at: number
  readonly node: NodeName
  /** Short stable name: `adopt`, `handover`, `tombstone`, ... */
  readonly what: string
  readonly reason: string
  readonly conversation?: ConversationId
}

/** `GET /api/cluster/decisions?limit=200` (scope `admin`): the latest of all live nodes, oldest first. */
export interface DecisionsAnswer {
  readonly decisions: readonly DecisionRow[]
}

/**
 * What an operator may do to one node: `POST /api/cluster/nodes/:name/:act` (scope `admin`). `pause` stops the process
 * (SIGSTOP) for `seconds` of the body, 1 to 60, 5 where absent, and wakes it again.
 */
export type NodeAct = 'drain' | 'disable' | 'enable' | 'kill' | 'pause' | 'restart'

/** Given as soon as the act has begun; the cluster's state tells how it goes. */
export interface NodeActAnswer {
  readonly node: NodeName
  readonly act: NodeAct
  /** One sentence for a person: what was done. */
  readonly sentence: string
}
