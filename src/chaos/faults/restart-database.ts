import type { Fault } from '../fault.ts'

export const restartDatabase: Fault = {
  name: 'restart-database',
  faultClass: 'store',
  sentence: 'SIGKILL and restart of PostgreSQL',
  weight: 4,
  gapMsMax: 10_000,
  async inject(stage) {
    stage.begins()
    await stage.running.cluster.restartDatabase()
    return { victim: 'database' }
  },
}
