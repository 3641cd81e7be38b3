import type { DoctorFacts } from './doctor-schema.ts'

export type DoctorSeverity = 'ok' | 'warning' | 'failed'

/** What became of one check on some of the nodes. */
export interface DoctorFindingRow {
  readonly check: string
  readonly severity: DoctorSeverity
  /** Whom it concerns, by name. */
  readonly nodes: readonly string[]
  readonly sentence: string
  /** What to do about it; empty where nothing is to be done. */
  readonly remedy: string
}

export interface DoctorNodeRow {
  readonly node: string
  readonly role: string
  /** Its clock minus that of the node that was asked. */
  readonly clock?: { readonly offsetMs: number; readonly uncertaintyMs: number }
  /** What it found; absent where it did not answer. */
  readonly facts?: DoctorFacts
  /** Why it did not answer. */
  readonly silent?: string
}

/** `GET /api/cluster/doctor` (scope `audit`). */
export interface DoctorAnswer {
  /** The node that asked all others. */
  readonly node: string
  /** Milliseconds since 1970. */
  readonly at: number
  /** Nothing failed; there may be warnings. */
  readonly ok: boolean
  /** Every check, in the order in which they are shown. */
  readonly checks: readonly { readonly check: string; readonly title: string }[]
  readonly nodes: readonly DoctorNodeRow[]
  readonly findings: readonly DoctorFindingRow[]
}
