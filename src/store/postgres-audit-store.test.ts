import { after, before } from 'node:test'
import { silentLog } from '../base/log.ts'
import { testAuditStore } from './audit-store-contract.ts'
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

testAuditStore('postgres', async () => {
  const url = await databases.create()
  const store = new PostgresStore({ url, log: silentLog, applicationName: 'test' })
  stores.push(store)
  return store.audit
})
