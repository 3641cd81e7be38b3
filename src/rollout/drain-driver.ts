import { type Clock, pause } from '../base/clock.ts'
import type { ConversationId, Incarnation } from '../base/ids.ts'
import { drainStep } from './drain-decision.ts'

/** What a drain needs of the node that it empties. */
export interface Drainable {
  owned(): readonly ConversationId[]
  successors(conversation: ConversationId): readonly Incarnation[]
  /** Hands conversations over; resolves to the number that moved. */
  give(conversations: readonly ConversationId[], to: Incarnation, why: string): Promise<number>
}

export interface DrainProgress {
  readonly total: number
  readonly left: number
  readonly sentence: string
}

export interface DrainReport {
  readonly kind: 'empty' | 'expired'
  readonly moved: number
  readonly left: number
  readonly tookMs: number
}

// A successor that took nothing is asked again a little later, not at once.
const FRUITLESS_PAUSE_MS = 100

/** Performs a drain: step by step, each told by `onProgress`, until the node is empty or the deadline passed. */
export async function drain(
  node: Drainable,
  options: { clock: Clock; deadlineMs: number; finish: boolean; onProgress?: (progress: DrainProgress) => void },
): Promise<DrainReport> {
  const { clock, finish } = options
  const startedMs = clock.monotonicMs()
  const total = node.owned().length
  let moved = 0
  for (;;) {
    const nowMs = clock.monotonicMs()
    const step = drainStep({
      nowMs,
      deadlineMs: startedMs + options.deadlineMs,
      finish,
      owned: node.owned(),
      successors: (id) => node.successors(id),
    })
    options.onProgress?.({ total, left: node.owned().length, sentence: step.reason })
    if (step.kind === 'done') return { kind: 'empty', moved, left: 0, tookMs: nowMs - startedMs }
    if (step.kind === 'expired') return { kind: 'expired', moved, left: step.left, tookMs: nowMs - startedMs }
    if (step.kind === 'wait') {
      await pause(clock, step.forMs)
      continue
    }
    const given = await node.give(step.conversations, step.to, step.reason)
    moved += given
    if (given === 0) await pause(clock, FRUITLESS_PAUSE_MS)
  }
}
