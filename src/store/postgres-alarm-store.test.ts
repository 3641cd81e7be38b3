import { after, before } from 'node:test'
import { silentLog } from '../base/log.ts'
import { realClock } from '../base/real-clock-node.ts'
import { testAlarmStore } from './alarm-store-contract.ts'
import { PostgresStore } from './postgres-store.ts'
import { TestDatabases } from './test-database-node.ts'

let databases: TestDatabases
const stores: PostgresStore[] = []
before(async () => {
  databases = await TestDatabases.start()
})
after(async () => {
  await Promise.all(stores.map((store) => store.close()))
  await databases.stop()
})

testAlarmStore('postgres', async () => {
  const url = await databases.create()
  const store = new PostgresStore({ url, log: silentLog, applicationName: 'test' })
  stores.push(store)
  return { alarms: store.alarms, outbox: store.outbox, now: async () => realClock.wallMs() }
})
