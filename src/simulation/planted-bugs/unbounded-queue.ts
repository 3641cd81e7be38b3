import type { PlantedBug } from './planted-bug.ts'

/** An edge writes all that there is to write, whether the client takes it or not. */
export const unboundedQueue: PlantedBug = {
  name: 'unbounded-queue',
  sentence: 'An edge does not look at what waits in a socket.',
  // There must be something to write: the history of a while.
  minutes: 5,
  wrapSocket: (socket) => ({
    queuedBytes: 0,
    send: (text) => socket.send(text),
    close: (code, reason) => socket.close(code, reason),
  }),
}
