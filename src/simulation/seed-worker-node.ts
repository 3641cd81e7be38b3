import { parentPort } from 'node:worker_threads'
import { plantedBug } from './planted-bugs/all-planted-bugs.ts'
import { runSeed } from './run-seed.ts'
import type { SeedJob } from './seed-pool-node.ts'

/** The thread's side of the pool: one seed per message, its report back. */
parentPort?.on('message', ({ seed, minutes, bug }: SeedJob) => {
  void runSeed({ seed, minutes, ...(bug !== undefined && { bug: plantedBug(bug) }) }).then((report) =>
    parentPort?.postMessage(report),
  )
})
