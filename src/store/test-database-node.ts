import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { silentLog } from '../base/log.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres-node.ts'
import { migrate } from './migrations.ts'

const TEMPLATE = 'holdfast_template'

/** A real PostgreSQL server for the tests of one file, with a fresh database for each test. */
export class TestDatabases {
  readonly #folder: string
  readonly server: EmbeddedPostgres
  #made = 0

  private constructor(folder: string, server: EmbeddedPostgres) {
    this.#folder = folder
    this.server = server
  }

  static async start(): Promise<TestDatabases> {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-test-'))
    const server = await startEmbeddedPostgres({ dataDir: folder, log: silentLog })
    const databases = new TestDatabases(folder, server)
    await databases.#run(`CREATE DATABASE ${TEMPLATE}`)
    await migrate(databases.#urlOf(TEMPLATE), silentLog)
    return databases
  }

  /** The URL of a new database: with Holdfast's schema, or empty. */
  async create(kind: 'migrated' | 'empty' = 'migrated'): Promise<string> {
    this.#made += 1
    const name = `test_${this.#made}`
    await this.#run(`CREATE DATABASE ${name} TEMPLATE ${kind === 'migrated' ? TEMPLATE : 'template0'}`)
    return this.#urlOf(name)
  }

  async stop(): Promise<void> {
    await this.server.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #urlOf(database: string): string {
    const url = new URL(this.server.url)
    url.pathname = `/${database}`
    return url.href
  }

  async #run(statement: string): Promise<void> {
    const client = new pg.Client({ connectionString: this.#urlOf('postgres') })
    await client.connect()
    await client.query(statement)
    await client.end()
  }
}
