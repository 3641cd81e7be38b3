import { Worker } from 'node:worker_threads'
import { type Cancel, every } from '../base/clock.ts'
import { realClock } from '../base/real-clock-node.ts'
import type { Finding } from './decoder-run.ts'
import type { DecoderName } from './decoders/all-decoders.ts'
import { type FuzzJob, type FuzzMessage, type FuzzProgress, LastInput, newLastInput } from './fuzz-job.ts'

/** Far above what decoders of small inputs need: who needs more keeps what it should forget, and dies of it here. */
const HEAP_MEGABYTES_MAX = 384
const HANGS_AFTER_MS = 10_000
const WATCH_EVERY_MS = 1000

/** How a job ended: done, or by the death of its thread, which is a finding of the decoder that read last. */
export interface ThreadEnd {
  readonly progress: FuzzProgress | undefined
  readonly death?: Finding & { readonly decoder: DecoderName }
}

/**
 * Runs a job in a thread of its own, so that an endless loop, a full heap, an exception out of nowhere or a rejection
 * that nobody handles ends that thread and is told with the input.
 */
export async function runInThread(
  job: Omit<FuzzJob, 'lastInput'>,
  options: { readonly stopped: AbortSignal; readonly onProgress: (progress: FuzzProgress) => void },
): Promise<ThreadEnd> {
  const lastInput = newLastInput()
  const last = new LastInput(lastInput)
  const worker = new Worker(new URL('./fuzz-worker-node.ts', import.meta.url), {
    workerData: { ...job, lastInput },
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES_MAX },
  })
  let progress: FuzzProgress | undefined
  let hangs = false
  const stopWatching = watch(last, () => {
    hangs = true
    void worker.terminate()
  })
  const end = () => void worker.terminate()
  options.stopped.addEventListener('abort', end)
  try {
    const done = await new Promise<boolean>((resolve, reject) => {
      worker.on('message', (message: FuzzMessage) => {
        progress = message.progress
        options.onProgress(progress)
        if (message.kind === 'done') resolve(true)
      })
      worker.on('error', reject)
      worker.on('exit', () => resolve(false))
    })
    if (done || options.stopped.aborted) return { progress }
    return { progress, death: deathOf(job, last, hangs ? 'hang' : 'death', 'The thread ended.') }
  } catch (error) {
    const { name, message } = error as Error
    // Nothing was read yet: it is the fuzzer that does not start.
    if (last.count === 0) throw error
    return { progress, death: deathOf(job, last, 'death', `${name}: ${message}`) }
  } finally {
    stopWatching()
    options.stopped.removeEventListener('abort', end)
    await worker.terminate()
  }
}

function watch(last: LastInput, hung: () => void): Cancel {
  let count = -1
  let sinceMs = realClock.monotonicMs()
  return every(realClock, WATCH_EVERY_MS, () => {
    const now = realClock.monotonicMs()
    if (last.count !== count) [count, sinceMs] = [last.count, now]
    // Before the first input the code is still being instrumented.
    else if (count > 0 && now - sinceMs > HANGS_AFTER_MS) hung()
  })
}

function deathOf(
  { decoders }: Pick<FuzzJob, 'decoders'>,
  last: LastInput,
  kind: Finding['kind'],
  sentence: string,
): NonNullable<ThreadEnd['death']> {
  const { decoder, input } = last.read()
  const name = decoders[decoder]
  if (name === undefined) throw new Error('A thread ended before it read anything.')
  const told = kind === 'hang' ? `It did not end within ${HANGS_AFTER_MS} ms.` : sentence
  return { decoder: name, kind, sentence: told, input }
}
