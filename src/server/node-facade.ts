import type { NodeName, Owner } from '../base/ids.ts'
import type { MetricName } from '../base/metrics.ts'
import type { ConversationPort } from '../protocol/conversation-port.ts'
import type { NodeAct } from '../protocol/rest-answers.ts'
import type { MemberRow } from '../store/log-store.ts'

/** What the HTTP side needs of a node; `HoldfastNode` is one, tests give a smaller one. */
export interface NodeFacade {
  readonly conversations: ConversationPort
  self(): Owner
  /** Everybody whom the store told of with the last beat, this node included. */
  members(): readonly MemberRow[]
  mode(): 'enabled' | 'disabled' | 'draining'
  /** False: the store has not renewed this node in time; it may serve nothing but its health. */
  leaseHeld(): boolean
  storeAvailability(): 'available' | 'unavailable'
  /** Asks a node by name, this one included. Rejects with a sentence for the operator when it does not answer. */
  inspect(node: NodeName, question: string, body?: unknown, patienceMs?: number): Promise<unknown>
}

/** The process above this one, where `holdfast up` started it. */
export interface Supervisor {
  /** Begins the act; the node that is killed may be this very one. */
  act(node: NodeName, act: SupervisedAct, seconds: number): void
}

export type SupervisedAct = Extract<NodeAct, 'kill' | 'pause' | 'restart'>

/** What a node tells of itself beyond its beat: the answer to the question `view`. */
export interface NodeView {
  readonly startedAt: number
  readonly supervised: boolean
  readonly counters: Readonly<Record<MetricName, number>>
}

/** What a node tells for a support bundle, secrets removed: the answer to the question `support`. */
export interface NodeSupport {
  readonly version: string
  readonly runtime: string
  readonly startedAt: number
  readonly memoryBytes: number
  readonly settings: Readonly<Record<string, unknown>>
  readonly configuration: { readonly revision: number; readonly digest: string }
  /** The newest lines of its log, oldest first. */
  readonly log: readonly string[]
}

/** How the drain of a node goes: the answer to the questions `drain` and `drain-state`. */
export interface DrainState {
  readonly phase: 'none' | 'running' | 'empty' | 'expired'
  readonly total: number
  readonly left: number
  readonly moved: number
  readonly sentence: string
}
