/** What is known of a server that was started and does not serve yet. Times are milliseconds of one clock. */
interface StartWatch {
  readonly sinceMs: number
  /** When it last showed that it gets on. */
  readonly progressAtMs: number
  /** When the operator was last told. */
  readonly toldAtMs: number
  readonly logBytes: number
}

/** One look at it. */
export interface StartSight {
  readonly nowMs: number
  /** It may say that it is starting up: a crash is being recovered from, which takes as long as its log is long. */
  readonly answer: 'starting-up' | 'refuses' | 'silent'
  readonly logBytes: number
}

// A server that recovers says so whenever it is asked, and writes a line every ten seconds.
const SILENT_MS_MAX = 120_000
const TOLD_EVERY_MS = 10_000

/** The watch over a server that was started just now. */
export function beginStartWatch(nowMs: number, logBytes: number): StartWatch {
  return { sinceMs: nowMs, progressAtMs: nowMs, toldAtMs: nowMs, logBytes }
}

/**
 * Whether to go on waiting. There is no limit while it gets on: a recovery that is ended for being slow begins anew the
 * next time, and is as slow then.
 */
export function judgeStart(
  watch: StartWatch,
  { nowMs, answer, logBytes }: StartSight,
): { readonly watch: StartWatch; readonly act: 'wait' | 'tell' | 'give-up' } {
  // A server that refuses whoever asks writes that down, too.
  const progress = answer === 'starting-up' || (answer === 'silent' && logBytes > watch.logBytes)
  const progressAtMs = progress ? nowMs : watch.progressAtMs
  if (nowMs - progressAtMs >= SILENT_MS_MAX) return { watch, act: 'give-up' }
  const tell = nowMs - watch.toldAtMs >= TOLD_EVERY_MS
  return {
    watch: { ...watch, progressAtMs, logBytes, toldAtMs: tell ? nowMs : watch.toldAtMs },
    act: tell ? 'tell' : 'wait',
  }
}
