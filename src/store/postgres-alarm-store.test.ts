import { realClock } from '../base/real-clock-node.ts'
import { testAlarmStore } from './alarm-store-contract.ts'
import { PostgresStage } from './postgres-stage.ts'

const postgres = new PostgresStage()

testAlarmStore('postgres', async () => {
  const { store } = await postgres.store()
  return { alarms: store.alarms, outbox: store.outbox, now: async () => realClock.wallMs() }
})
