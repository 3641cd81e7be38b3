import type { ConfigChange, ConfigOutcome, ConfigRecord, ConfigStore, StoredConfiguration } from './config-store.ts'
import { numberIn, type Row } from './postgres-rows.ts'

/** Runs one statement as one transaction, with the rejections of `LogStore`. */
export type RunStatement = (name: string, text: string, values: readonly unknown[]) => Promise<readonly Row[]>

/** The configuration in PostgreSQL; the rules are in `holdfast.change_config`. */
export class PostgresConfigStore implements ConfigStore {
  readonly #run: RunStatement

  constructor(run: RunStatement) {
    this.#run = run
  }

  async configuration(): Promise<StoredConfiguration> {
    // One statement, so that all of it is of one revision.
    const rows = await this.#run(
      'configuration',
      `SELECT h.revision AS head, d.name, d.revision, d.body
         FROM holdfast.config_head h LEFT JOIN holdfast.config_document d ON true ORDER BY d.name`,
      [],
    )
    const [first] = rows
    return {
      revision: first ? numberIn(first, 'head') : 0,
      documents: rows.flatMap((row) =>
        row.name === null
          ? []
          : { name: String(row.name), revision: numberIn(row, 'revision'), body: String(row.body) },
      ),
    }
  }

  async configRevision(): Promise<number> {
    const [row] = await this.#run('config-revision', 'SELECT revision FROM holdfast.config_head', [])
    return row ? numberIn(row, 'revision') : 0
  }

  async changeConfiguration({ key, author, reason, edits }: ConfigChange): Promise<ConfigOutcome> {
    const rows = await this.#run('change-config', 'SELECT * FROM holdfast.change_config($1, $2, $3, $4::json)', [
      key,
      author,
      reason,
      JSON.stringify(edits),
    ])
    const [first] = rows
    if (first?.kind === 'stored') return { kind: 'stored', revision: numberIn(first, 'revision') }
    return {
      kind: 'conflict',
      found: rows.map((row) => {
        const name = String(row.name)
        if (row.revision === null) return { name }
        return { name, document: { name, revision: numberIn(row, 'revision'), body: String(row.body) } }
      }),
    }
  }

  async configRecords({
    limit,
    before,
    name,
  }: {
    limit: number
    before?: number
    name?: string
  }): Promise<readonly ConfigRecord[]> {
    const rows = await this.#run(
      name === undefined ? 'config-records' : 'config-records-of',
      `SELECT * FROM holdfast.config_change
        WHERE revision < $2 ${name === undefined ? '' : 'AND names @> ARRAY[$3::text]'} ORDER BY revision DESC LIMIT $1`,
      [limit, before ?? Number.MAX_SAFE_INTEGER, ...(name === undefined ? [] : [name])],
    )
    return rows.map((row) => ({
      revision: numberIn(row, 'revision'),
      at: numberIn(row, 'at'),
      author: String(row.author),
      reason: String(row.reason),
      edits: row.edits as ConfigRecord['edits'],
    }))
  }
}
