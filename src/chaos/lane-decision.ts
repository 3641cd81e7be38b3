import type { Treatment } from './treatment.ts'

/** The oldest chunk that waits in a lane, and when the lane last let something pass. */
interface LaneState {
  readonly headBytes: number
  readonly headArrivedMs: number
  readonly passedMs: number
}

type LaneStep =
  | { readonly kind: 'pass'; readonly bytes: number }
  | { readonly kind: 'wait'; readonly forMs: number }
  /** Until the treatment changes. */
  | { readonly kind: 'stay' }
  | { readonly kind: 'lose' }

/** What becomes of the oldest chunk of a lane now. Where a judge cuts, is decided when the chunk comes in. */
export function nextInLane(treatment: Treatment, lane: LaneState, nowMs: number): LaneStep {
  switch (treatment.kind) {
    case 'pass':
    case 'cut-at':
      return { kind: 'pass', bytes: lane.headBytes }
    case 'hold':
      return { kind: 'stay' }
    case 'swallow':
      return { kind: 'lose' }
    case 'delay':
      return dueAt(lane.headArrivedMs + treatment.ms, nowMs) ?? { kind: 'pass', bytes: lane.headBytes }
    case 'pace': {
      const bytes = Math.min(lane.headBytes, treatment.bytes)
      return dueAt(lane.passedMs + treatment.everyMs, nowMs) ?? { kind: 'pass', bytes }
    }
  }
}

function dueAt(dueMs: number, nowMs: number): LaneStep | undefined {
  return dueMs > nowMs ? { kind: 'wait', forMs: dueMs - nowMs } : undefined
}
