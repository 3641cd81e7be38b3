/** How long a line has said nothing; milliseconds of one monotonic clock. */
export interface Silence {
  readonly silentMs: number
  /** Since the ping that this silence caused; absent before it. */
  readonly askedForMs?: number
  readonly heartbeatMs: number
  /** A command was sent and has no answer: somebody looks at it. */
  readonly waiting: boolean
}

export interface SilenceStep {
  /**
   * `doubt`: even a busy node answers a ping, so another line is made while this one may still speak. `dead`: it had
   * its time.
   */
  readonly verdict: 'fine' | 'ask' | 'doubt' | 'dead'
  /** When to look again, if nothing is heard until then. */
  readonly againMs: number
}

const PATIENCE_MS_MAX = 500

/** Patience with a line that somebody waits for; an idle one has its heartbeat. */
export function patienceMs(heartbeatMs: number): number {
  return Math.min(PATIENCE_MS_MAX, heartbeatMs / 2)
}

/**
 * What a silence means. Whoever waits for an answer asks soon, and doubts the line when a ping has none; nobody who is
 * idle needs to hurry. Any line is dead that let a ping go unanswered for a heartbeat.
 */
export function judgeSilence({ silentMs, askedForMs, heartbeatMs, waiting }: Silence): SilenceStep {
  const soonMs = waiting ? patienceMs(heartbeatMs) : heartbeatMs
  if (askedForMs === undefined) {
    if (silentMs < soonMs) return { verdict: 'fine', againMs: soonMs - silentMs }
    return { verdict: 'ask', againMs: soonMs }
  }
  if (askedForMs >= heartbeatMs) return { verdict: 'dead', againMs: 0 }
  if (askedForMs < soonMs) return { verdict: 'fine', againMs: soonMs - askedForMs }
  return { verdict: 'doubt', againMs: heartbeatMs - askedForMs }
}
