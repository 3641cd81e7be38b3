import { after, before } from 'node:test'
import pg from 'pg'
import { assert } from '../base/assertion.ts'
import { silentLog } from '../base/log.ts'
import { PostgresStore } from './postgres-store.ts'
import { TestDatabases } from './test-database-node.ts'

/**
 * A real PostgreSQL for the tests of one file, from before the first to after the last one; to be called where the tests
 * stand. Stores that it opens it closes.
 */
export class PostgresStage {
  readonly #stores: PostgresStore[] = []
  #databases: TestDatabases | undefined

  constructor() {
    before(async () => {
      this.#databases = await TestDatabases.start()
    })
    after(async () => {
      await Promise.all(this.#stores.map((store) => store.close()))
      await this.#databases?.stop()
    })
  }

  get databases(): TestDatabases {
    assert(this.#databases, 'the server runs while tests do')
    return this.#databases
  }

  /** A store on a database of its own. */
  async store(): Promise<{ store: PostgresStore; url: string }> {
    const url = await this.databases.create()
    return { store: this.open(url), url }
  }

  open(url: string): PostgresStore {
    const store = new PostgresStore({ url, log: silentLog, applicationName: 'test' })
    this.#stores.push(store)
    return store
  }
}

/** Carries out statements past the store, such as those that make everything older: the store's clock is the server's. */
export async function carryOut(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  for (const statement of statements) await client.query(statement)
  await client.end()
}
