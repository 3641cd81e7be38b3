import type { SetUpStepId } from './set-up-steps.ts'

/**
 * How a step stands. `open`: nobody has taken it; `failed`: it was taken, and what was looked at is not as it must be;
 * `skipped`: somebody left it out on purpose.
 */
export type SetUpState = 'done' | 'open' | 'failed' | 'skipped'

/** One thing that was looked at. */
export interface SetUpFinding {
  readonly name: string
  readonly found: string
  readonly ok: boolean
}

export interface SetUpStepRow {
  readonly id: SetUpStepId
  readonly state: SetUpState
  /** What is so. */
  readonly sentence: string
  /** What to do; empty where nothing is to be done. */
  readonly remedy: string
  readonly findings: readonly SetUpFinding[]
}

/** `GET /api/set-up`. No secret is in it. */
export interface SetUpAnswer {
  readonly steps: readonly SetUpStepRow[]
  /** Every step is done or left out on purpose. */
  readonly complete: boolean
  /** What is set now, to begin with. */
  readonly present: {
    readonly publicUrl: string
    readonly mailServer: string
    readonly mailFrom: string
    /** Whether a password for the mail server is in the vault. */
    readonly mailPassword: boolean
  }
}

/** Of the `POST` of a step. */
export interface SetUpActAnswer {
  /** Whether anything is otherwise than before; with `dryRun`, whether it would be. */
  readonly changed: boolean
  /** How the step stands after it. */
  readonly step: SetUpStepRow
}

/** `GET /api/set-up/reach/:nonce`: by it a node knows that an address leads to its own cluster. */
export interface ReachAnswer {
  readonly cluster: string
  readonly nonce: string
}
