import type { ConversationId, Incarnation } from '../base/ids.ts'

/** What a drain sees at one moment. */
export interface DrainView {
  readonly nowMs: number
  readonly deadlineMs: number
  /** `finish`: the conversations end by themselves; nothing is moved. */
  readonly finish: boolean
  readonly owned: readonly ConversationId[]
  /** Living successors for a conversation, best first; without this node. */
  readonly successors: (conversation: ConversationId) => readonly Incarnation[]
}

export type DrainStep =
  | { readonly kind: 'done'; readonly reason: string }
  | { readonly kind: 'expired'; readonly left: number; readonly reason: string }
  | { readonly kind: 'wait'; readonly forMs: number; readonly reason: string }
  | {
      readonly kind: 'give'
      readonly to: Incarnation
      readonly conversations: readonly ConversationId[]
      readonly reason: string
    }

/** Conversations per handover: few enough that none waits long, enough that a drain takes seconds. */
export const HANDOVER_BATCH = 16

/** The next step of a drain; asked again after each one until it is `done` or `expired`. */
export function drainStep(view: DrainView): DrainStep {
  const left = view.owned.length
  if (left === 0) return { kind: 'done', reason: 'the node owns no conversation' }
  if (view.nowMs >= view.deadlineMs)
    return { kind: 'expired', left, reason: `the deadline passed with ${left} conversations left` }
  if (view.finish) return { kind: 'wait', forMs: 500, reason: `${left} conversations have not ended` }
  const [first] = view.owned
  const to = first === undefined ? undefined : view.successors(first)[0]
  if (to === undefined) return { kind: 'wait', forMs: 200, reason: 'no living node may take conversations' }
  const conversations = view.owned
    .filter((conversation) => view.successors(conversation)[0] === to)
    .slice(0, HANDOVER_BATCH)
  return { kind: 'give', to, conversations, reason: 'the node drains' }
}
