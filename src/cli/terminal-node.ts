import { createInterface } from 'node:readline'
import { realClock } from '../base/real-clock-node.ts'
import { realRandom } from '../base/real-random-node.ts'
import { EXIT, type VerbIo } from './verb.ts'

/** The real terminal. The first Ctrl-C or SIGTERM asks the verb to end, the second ends the process. */
export function terminal(): VerbIo {
  const interruption = new AbortController()
  const interrupt = () => {
    if (interruption.signal.aborted) process.exit(EXIT.interrupted)
    interruption.abort()
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  // A reader that went away (`| head`) is no fault of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.done)
  })
  return {
    out: (line) => process.stdout.write(`${line}\n`),
    err: (line) => process.stderr.write(`${line}\n`),
    lines: () => linesOfInput(interruption.signal),
    env: process.env,
    clock: realClock,
    random: realRandom,
    interactive: process.stderr.isTTY === true,
    interrupted: interruption.signal,
  }
}

/** Lines of standard input until the reader leaves or `interrupted` ends it: an open input keeps no process alive. */
async function* linesOfInput(interrupted: AbortSignal): AsyncGenerator<string> {
  try {
    yield* createInterface({ input: process.stdin, signal: interrupted })
  } finally {
    // A file has nothing to let go of.
    process.stdin.unref?.()
  }
}
