import type { ConversationId, NodeName } from '../base/ids.ts'
import type { NodeRow } from '../protocol/rest-answers.ts'
import type { Gap } from './gap-statistics.ts'
import type { FaultKind, LogFault } from './log-checker.ts'
import type { PlannedStep } from './rehearsal-plan.ts'

/** A canary that another node owns after the step. */
export interface Takeover {
  readonly conversation: ConversationId
  readonly from: NodeName
  readonly to: NodeName
}

/** What one step did, as far as it was done. */
export interface StepResult extends PlannedStep {
  /** `declined`: the operator said no. `left-out`: it cannot be done here. `broken`: it did not come to its end. */
  readonly outcome: 'done' | 'declined' | 'left-out' | 'broken'
  /** Of a broken step: what went wrong. */
  readonly trouble?: string
  /** Wall clock, milliseconds since 1970. */
  readonly startedAtMs?: number
  /** From the act until the cluster was as before. */
  readonly tookMs?: number
  readonly worst?: Gap
  readonly takeovers: readonly Takeover[]
  /** From the act until another node owned every canary of the victim. */
  readonly takenOverMs?: number
  readonly socketsClosed: number
  /** Found after this step and not before it. */
  readonly counts?: Readonly<Record<FaultKind, number>>
  readonly faults: readonly LogFault[]
  readonly acknowledged: number
  readonly unsettled?: string
}

/** One line of what was done when. */
export interface ChronicleLine {
  readonly atMs: number
  readonly sentence: string
}

export interface RehearsalResult {
  readonly startedAtMs: number
  readonly publicUrl: string
  readonly version: string
  readonly nodes: readonly NodeRow[]
  readonly node: NodeName
  readonly canaries: number
  readonly steps: readonly StepResult[]
  readonly chronicle: readonly ChronicleLine[]
  /** What could not be put back, each with what to do. */
  readonly leftBehind: readonly string[]
  readonly interrupted: boolean
}
