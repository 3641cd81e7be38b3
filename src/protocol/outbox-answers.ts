/** An item of the outbox that is not tried any more. What it says is not told: it may hold addresses of people. */
export interface DeadLetterRow {
  readonly id: string
  /** The conversation that it belongs to, or another thing that is done in order. */
  readonly lane: string
  readonly kind: string
  readonly attempts: number
  readonly reason: string
  /** Milliseconds since 1970, store time. */
  readonly diedAt: number
}

/** `GET /api/outbox?limit=100` (scope `admin`): the newest dead letters first. */
export interface OutboxAnswer {
  readonly waiting: number
  readonly dead: number
  /** How long the oldest that waits has waited, in milliseconds. */
  readonly oldestMs: number
  readonly deadLetters: readonly DeadLetterRow[]
}

/** What was done, in one sentence. */
export interface OutboxActAnswer {
  readonly sentence: string
}
