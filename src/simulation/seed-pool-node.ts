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
  settle: { resolve: (report: SeedReport) => void; reject: (error: unknown) => void } | undefined
}

/** Runs seeds in `jobs` threads, each one seed at a time. */
export class SeedPool {
  readonly #desks: Desk[]
  readonly #idle: Desk[]
  readonly #waiting: ((desk: Desk) => void)[] = []

  constructor(jobs: number) {
    this.#desks = Array.from({ length: jobs }, () =>
      deskOf(new Worker(new URL('./seed-worker-node.ts', import.meta.url))),
    )
    this.#idle = [...this.#desks]
  }

  async run(job: SeedJob): Promise<SeedReport> {
    const desk = this.#idle.pop() ?? (await new Promise<Desk>((resolve) => this.#waiting.push(resolve)))
    try {
      return await new Promise<SeedReport>((resolve, reject) => {
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

  async close(): Promise<void> {
    await Promise.all(this.#desks.map(({ worker }) => worker.terminate()))
  }
}

function deskOf(worker: Worker): Desk {
  const desk: Desk = { worker, settle: undefined }
  worker.on('message', (report: SeedReport) => desk.settle?.resolve(report))
  worker.on('error', (error) => desk.settle?.reject(error))
  return desk
}
