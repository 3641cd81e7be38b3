import { endSessionsOf } from '../database-node.ts'
import type { Fault } from '../fault.ts'

export const endSessions: Fault = {
  name: 'end-sessions',
  faultClass: 'store',
  sentence: 'the database ends all sessions of a chat node (pg_terminate_backend), statements under way included',
  weight: 3,
  gapMsMax: 10_000,
  async inject(stage) {
    const { name } = await stage.victim('chat')
    stage.begins()
    const ended = await endSessionsOf(stage.running.cluster.database, `holdfast ${name}`)
    if (ended === 0) throw new Error(`${name} had no session at the database.`)
    return { victim: name }
  },
}
