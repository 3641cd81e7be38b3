import { type Clock, pause } from '../base/clock.ts'

/** Asks every `everyMs` until `condition` holds. Answers how long that took, `undefined` when patience ended first. */
export async function waitUntil(
  clock: Clock,
  { patienceMs, everyMs = 20 }: { readonly patienceMs: number; readonly everyMs?: number },
  condition: () => boolean | Promise<boolean>,
): Promise<number | undefined> {
  const startMs = clock.monotonicMs()
  for (;;) {
    const holds = await condition()
    const tookMs = clock.monotonicMs() - startMs
    if (holds) return tookMs
    if (tookMs > patienceMs) return undefined
    await pause(clock, everyMs)
  }
}
