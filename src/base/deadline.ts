import type { Cancel, Clock } from './clock.ts'

/** What `work` resolves to, or `late` when that takes longer than `patienceMs`; the work itself goes on. */
export async function within<Result, Late>(
  clock: Clock,
  patienceMs: number,
  work: Promise<Result>,
  late: Late,
): Promise<Result | Late> {
  let cancel: Cancel = () => {}
  const lateness = new Promise<Late>((resolve) => {
    cancel = clock.after(patienceMs, () => resolve(late))
  })
  try {
    return await Promise.race([work, lateness])
  } finally {
    cancel()
  }
}
