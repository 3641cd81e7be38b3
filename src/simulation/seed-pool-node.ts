import { Worker } from 'node:worker_threads'
import type { SeedReport } from './run-seed.ts'

/** One run as another thread is asked for it. */
export interface SeedJob {
  readonly seed: number
  readonly minutes: number
  readonly bug?: string
}

interface Desk {
  readonly worker: Worker
  settle: { resolve: (report: SeedReport | undefined) => void; reject: (error: unknown) => void } | undefined
}

// A run makes much garbage and keeps little: with room for the young, a fifth of the work is saved.
const YOUNG_MEGABYTES = 96

/** Runs seeds in `jobs` threads, each one seed at a time. */
export class SeedPool {
  readonly #desks: Desk[]
  readonly #idle: Desk[]
  readonly #waiting: ((desk: Desk | undefined) => void)[] = []
  #closed = false

  constructor(jobs: number) {
    this.#desks = Array.from({ length: jobs }, () => deskOf(newWorker()))
    this.#idle = [...this.#desks]
  }

  /** `undefined`: the pool was closed before the run ended. */
  async run(job: SeedJob): Promise<SeedReport | undefined> {
    if (this.#closed) return undefined
    const desk = this.#idle.pop() ?? (await new Promise<Desk | undefined>((resolve) => this.#waiting.push(resolve)))
    if (!desk) return undefined
    try {
      return await new Promise<SeedReport | undefined>((resolve, reject) => {
        desk.settle = { resolve, reject }
        desk.worker.postMessage(job)
      })
    } finally {
      desk.settle = undefined
      const next = this.#waiting.shift()
      if (next) next(desk)
      else this.#idle.push(desk)
    }
  }

  /** Ends the threads at once, whatever they are doing. */
  async close(): Promise<void> {
    this.#closed = true
    for (const resolve of this.#waiting.splice(0)) resolve(undefined)
    for (const { settle } of this.#desks) settle?.resolve(undefined)
    await Promise.all(this.#desks.map(({ worker }) => worker.terminate()))
  }
}

function newWorker(): Worker {
  return new Worker(new URL('./seed-worker-node.ts', import.meta.url), {
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
  })
}

function deskOf(worker: Worker): Desk {
  const desk: Desk = { worker, settle: undefined }
  worker.on('message', (report: SeedReport) => desk.settle?.resolve(report))
  worker.on('error', (error) => desk.settle?.reject(error))
  return desk
}
