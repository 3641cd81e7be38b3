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

/** A lane in which something waits: what is behind its first item waits for that one. */
export interface WaitingLaneRow {
  readonly lane: string
  readonly waiting: number
  /** How long the oldest of them has waited, in milliseconds. */
  readonly oldestMs: number
  readonly first: {
    readonly id: string
    readonly kind: string
    readonly attempts: number
    /** Why the last attempt failed; empty before one did. */
    readonly reason: string
    /** Until it is tried again, or until another node may take it over. */
    readonly dueInMs: number
    /** A node is at it. */
    readonly held: boolean
  }
}

/** `GET /api/outbox?limit=100` (scope `audit`): the newest dead letters first, and the lanes that wait the longest. */
export interface OutboxAnswer {
  readonly waiting: number
  readonly dead: number
  /** How long the oldest that waits has waited, in milliseconds. */
  readonly oldestMs: number
  readonly lanes: readonly WaitingLaneRow[]
  readonly deadLetters: readonly DeadLetterRow[]
}

/** What was done, in one sentence. */
export interface OutboxActAnswer {
  readonly sentence: string
}
