import { after, before } from 'node:test'
import pg from 'pg'
import { silentLog } from '../base/log.ts'
import { testOutboxStore } from './outbox-store-contract.ts'
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

testOutboxStore('postgres', async () => {
  const url = await databases.create()
  const store = new PostgresStore({ url, log: silentLog, applicationName: 'test' })
  stores.push(store)
  return {
    store,
    outbox: store.outbox,
    // Time passes by moving everything that happened back by as much.
    pass: async (ms) => {
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      await client.query(
        'UPDATE holdfast.outbox SET due_at = due_at - $1, ended_at = ended_at - $1, posted_at = posted_at - $1',
        [ms],
      )
      await client.end()
    },
  }
})
