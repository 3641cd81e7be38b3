/** What a log line may carry beside its sentence. Message text is never among it (see `--log-text`). */
export interface LogFields {
  readonly conversation?: string
  readonly node?: string
  readonly [field: string]: unknown
}

/** The structured log. Every automatic act is told by `decision`, in one sentence that says what and why. */
export interface Log {
  debug(sentence: string, fields?: LogFields): void
  info(sentence: string, fields?: LogFields): void
  warn(sentence: string, fields?: LogFields): void
  error(sentence: string, fields?: LogFields): void
  /** An automatic decision: `what` is a short stable name (`adopt`, `handover`), `reason` the sentence. */
  decision(what: string, reason: string, fields?: LogFields): void
}

/** Swallows everything; for tests that do not look at the log. */
export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  decision() {},
}
