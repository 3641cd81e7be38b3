/** Cancels a pending timer; calling it late or twice does nothing. */
export type Cancel = () => void

/** Time as the rest of the program may see it. The simulator replaces it. */
export interface Clock {
  /** Milliseconds on a clock that never jumps. Only differences mean anything. Leases are judged by this one. */
  monotonicMs(): number
  /** Milliseconds since 1970 as this machine believes. Never used to order or to expire anything. */
  wallMs(): number
  /** Calls back once, not before `delayMs`. */
  after(delayMs: number, callback: () => void): Cancel
}

/** Resolves after `delayMs` of `clock`. */
export function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve)
  })
}

/** Calls `callback` every `intervalMs`, the next time armed only after the last one returned. */
export function every(clock: Clock, intervalMs: number, callback: () => void): Cancel {
  let stopped = false
  let cancel: Cancel = () => {}
  const arm = () => {
    cancel = clock.after(intervalMs, () => {
      if (stopped) return
      callback()
      if (!stopped) arm()
    })
  }
  arm()
  return () => {
    stopped = true
    cancel()
  }
}
