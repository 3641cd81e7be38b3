import { clientPorts } from '../bench/client-ports-node.ts'
import { progressBar } from './progress-bar-node.ts'
import type { Arguments, VerbIo } from './verb.ts'

/** What all campaigns on a cluster of their own are told by the command line. */
export function loadIn(args: Arguments) {
  const dataDir = args.text('data')
  return {
    ports: clientPorts(),
    conversations: args.number('conversations', { min: 1, max: 10_000 }),
    everyMs: args.durationMs('every'),
    ...(dataDir !== undefined && { dataDir }),
  }
}

/** The seed that was asked for, else one that is drawn; told in any case. */
export function seedIn(args: Arguments, io: VerbIo): number {
  const seed = args.number('seed', { max: 2 ** 32 - 1, absent: Math.floor(io.random.fraction() * 2 ** 32) })
  io.err(`seed ${seed}`)
  return seed
}

/** Runs a campaign with a progress bar. Ctrl-C ends its processes first; then the answer is `undefined`. */
export async function untilInterrupted<Result>(
  io: VerbIo,
  campaign: (
    onStarted: (running: { stop(): Promise<void> }) => void,
    onProgress: (done: number, total: number, note: string) => void,
  ) => Promise<Result>,
): Promise<Result | undefined> {
  const bar = progressBar('chaos')
  let running: { stop(): Promise<void> } | undefined
  const end = () => void running?.stop()
  io.interrupted.addEventListener('abort', end)
  try {
    return await campaign(
      (started) => {
        running = started
        if (io.interrupted.aborted) end()
      },
      (done, total, note) => bar.update(done, total, note),
    )
  } catch (error) {
    // A campaign whose cluster was ended under it fails, as it should.
    if (io.interrupted.aborted) return undefined
    throw error
  } finally {
    io.interrupted.removeEventListener('abort', end)
    bar.end()
  }
}
