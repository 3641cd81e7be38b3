import { after, before } from 'node:test'
import pg from 'pg'
import { silentLog } from '../base/log.ts'
import { testAssetStore } from './asset-store-contract.ts'
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

testAssetStore('postgres', async () => {
  const url = await databases.create()
  const store = new PostgresStore({ url, log: silentLog, applicationName: 'test' })
  stores.push(store)
  const age = async (ms: number) => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    const columns = ['begun_at', 'at', 'wanted_at'].map((column) => `${column} = ${column} - ${ms}`)
    await client.query(`UPDATE holdfast.asset SET ${columns.join(', ')}`)
    await client.end()
  }
  return { assets: store.assets, config: store.configuration, age }
})
