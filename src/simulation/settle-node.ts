/**
 * The end of one step of the simulation: resolves when every promise that could settle has settled. A tick comes when
 * no microtask is left, as an immediate does, and is cheaper; but only a whole `turn` of the real event loop lets
 * signals, other threads and stray rejections come through.
 */
export function settle(turn = true): Promise<void> {
  return new Promise((resolve) => {
    if (turn) setImmediate(resolve)
    else process.nextTick(resolve)
  })
}

/** Milliseconds of real time, for the speed-up that is printed; nothing in a simulation depends on it. */
export function realMs(): number {
  return performance.now()
}

/**
 * Calls `caught` with whatever is thrown where nobody awaits it, until the returned function is called. In a real node
 * such an error ends the process; here it is a violation of the seed that runs.
 */
export function catchStrays(caught: (error: unknown) => void): () => void {
  const listener = (error: unknown) => caught(error)
  process.on('unhandledRejection', listener)
  process.on('uncaughtException', listener)
  return () => {
    process.off('unhandledRejection', listener)
    process.off('uncaughtException', listener)
  }
}
