import type { Clock } from '../base/clock.ts'

export interface LoopResult {
  readonly done: number
  readonly ms: number
  readonly perSecond: number
}

/**
 * Keeps `lanes` writers busy for `durationMs`: each begins its next piece of work when the last one is durable.
 * `write` answers how much it did. What is under way at the end is waited for and counted, in the time too.
 */
export async function closedLoop(options: {
  readonly clock: Clock
  readonly lanes: number
  readonly durationMs: number
  readonly write: (lane: number) => Promise<number>
}): Promise<LoopResult> {
  const { clock, lanes, durationMs, write } = options
  const startMs = clock.monotonicMs()
  const endMs = startMs + durationMs
  let done = 0
  const lane = async (index: number) => {
    while (clock.monotonicMs() < endMs) {
      // Not `done += await ...`: that adds to what `done` was before the wait.
      const more = await write(index)
      done += more
    }
  }
  await Promise.all(Array.from({ length: lanes }, (_, index) => lane(index)))
  const ms = clock.monotonicMs() - startMs
  return { done, ms, perSecond: (done * 1000) / ms }
}
