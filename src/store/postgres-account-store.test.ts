import { after, before } from 'node:test'
import pg from 'pg'
import { silentLog } from '../base/log.ts'
import { testAccountStore } from './account-store-contract.ts'
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

// The store's clock is the server's: time passes by making everything older.
const OLDER = `
  UPDATE holdfast.session SET seen_at = seen_at - $1::bigint, ends_at = ends_at - $1::bigint;
  UPDATE holdfast.api_key SET ends_at = ends_at - $1::bigint;
  UPDATE holdfast.set_up_link SET ends_at = ends_at - $1::bigint`

testAccountStore('postgres', async () => {
  const url = await databases.create()
  const store = new PostgresStore({ url, log: silentLog, applicationName: 'test' })
  stores.push(store)
  return { store: store.accounts, pass: (ms) => makeOlder(url, ms) }
})

async function makeOlder(url: string, ms: number): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  for (const statement of OLDER.split(';')) await client.query(statement, [ms])
  await client.end()
}
