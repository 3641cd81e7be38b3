import {
  type AssetFacts,
  type AssetRemoval,
  type AssetStore,
  CHANGE_UNDER_WAY_MS,
  COLLECTED_MAX,
  type StoredAsset,
  type UnsaidAsset,
} from './asset-store.ts'
import type { RunStatement } from './postgres-config-store.ts'
import { numberIn, type Row } from './postgres-rows.ts'

const ASSETS = `
  SELECT a.file, a.source, a.bytes, a.author, a.at,
         ARRAY(SELECT n.name::text FROM holdfast.asset_name n WHERE n.file = a.file ORDER BY n.name) AS names
    FROM holdfast.asset a`

/** Assets in PostgreSQL: chunks are rows, each written and read by a statement of its own. */
export class PostgresAssetStore implements AssetStore {
  readonly #run: RunStatement

  constructor(run: RunStatement) {
    this.#run = run
  }

  async beginAsset(upload: string): Promise<void> {
    await this.#run(
      'begin-asset',
      'INSERT INTO holdfast.asset (upload, begun_at) VALUES ($1, holdfast.now_ms()) ON CONFLICT DO NOTHING',
      [upload],
    )
  }

  async putAssetChunk(upload: string, index: number, body: Uint8Array): Promise<boolean> {
    const [row] = await this.#run(
      'put-asset-chunk',
      `INSERT INTO holdfast.asset_chunk AS c (upload, index, body)
       SELECT a.upload, $2, $3 FROM holdfast.asset a WHERE a.upload = $1 AND a.file IS NULL FOR KEY SHARE
       ON CONFLICT (upload, index) DO UPDATE SET body = excluded.body RETURNING index`,
      // A Buffer is what the driver sends as bytes.
      [upload, index, Buffer.from(body.buffer, body.byteOffset, body.byteLength)],
    )
    return row !== undefined
  }

  async finishAsset(upload: string, { file, source, bytes, author }: AssetFacts, name: string) {
    const [row] = await this.#run('finish-asset', 'SELECT holdfast.finish_asset($1, $2, $3, $4, $5, $6) AS outcome', [
      ...[upload, file, source, bytes, author, name],
    ])
    const outcome = row?.outcome
    return outcome === 'stored' || outcome === 'known' ? outcome : ('incomplete' as const)
  }

  async nameAsset(file: string, name: string): Promise<boolean> {
    const [row] = await this.#run('name-asset', 'SELECT holdfast.name_asset($1, $2) AS named', [file, name])
    return row?.named === true
  }

  async asset(file: string): Promise<StoredAsset | undefined> {
    const [row] = await this.#run('asset', `${ASSETS} WHERE a.file = $1`, [file])
    return row && assetIn(row)
  }

  async assetNamed(name: string): Promise<StoredAsset | undefined> {
    const named = '(SELECT n.file FROM holdfast.asset_name n WHERE n.name = $1)'
    const [row] = await this.#run('asset-named', `${ASSETS} WHERE a.file = ${named}`, [name])
    return row && assetIn(row)
  }

  async assetFrom(source: string, ending: string): Promise<StoredAsset | undefined> {
    const [row] = await this.#run(
      'asset-from',
      `${ASSETS} WHERE a.file = $1 || '.' || $2 OR (a.source = $1 AND split_part(a.file, '.', 2) = $2)
        ORDER BY a.at DESC LIMIT 1`,
      [source, ending],
    )
    return row && assetIn(row)
  }

  async assets({ limit, after = '' }: { limit: number; after?: string }): Promise<readonly StoredAsset[]> {
    const rows = await this.#run('assets', `${ASSETS} WHERE a.file > $1 ORDER BY a.file LIMIT $2`, [after, limit])
    return rows.map(assetIn)
  }

  async unsaidAssets(files: readonly string[]): Promise<readonly UnsaidAsset[]> {
    const rows = await this.#run(
      'unsaid-assets',
      `WITH said AS MATERIALIZED (
         SELECT DISTINCT word
           FROM (SELECT body FROM holdfast.config_document UNION ALL
                 SELECT edits::text FROM holdfast.config_change) AS t(body),
                holdfast.asset_words(t.body) AS w(word)),
       kept AS MATERIALIZED (
         SELECT word AS file FROM said
          UNION SELECT n.file FROM holdfast.asset_name n JOIN said ON said.word = n.name)
       SELECT a.file, greatest(a.at, a.wanted_at) AS since FROM holdfast.asset a
        WHERE a.file = ANY ($1::text[]) AND NOT EXISTS (SELECT FROM kept WHERE kept.file = a.file)
        ORDER BY a.file`,
      [files],
    )
    return rows.map((row) => ({ file: String(row.file), since: numberIn(row, 'since') }))
  }

  async assetChunk(file: string, index: number): Promise<Uint8Array | undefined> {
    const [row] = await this.#run(
      'asset-chunk',
      `SELECT c.body FROM holdfast.asset_chunk c
        WHERE c.upload = (SELECT a.upload FROM holdfast.asset a WHERE a.file = $1) AND c.index = $2`,
      [file, index],
    )
    return row?.body as Buffer | undefined
  }

  async wantAssets(words: readonly string[]): Promise<readonly string[]> {
    const rows = await this.#run(
      'want-assets',
      `WITH wanted AS (
         SELECT w.word, coalesce(n.file, w.word) AS file
           FROM unnest($1::text[]) AS w(word) LEFT JOIN holdfast.asset_name n ON n.name = w.word),
       touched AS (
         UPDATE holdfast.asset a SET wanted_at = holdfast.now_ms()
          WHERE a.file IN (SELECT wanted.file FROM wanted) RETURNING a.file)
       SELECT wanted.word FROM wanted JOIN touched USING (file)`,
      [words],
    )
    return rows.map(({ word }) => String(word))
  }

  async removeAsset(file: string): Promise<AssetRemoval> {
    const rows = await this.#run('remove-asset', 'SELECT * FROM holdfast.remove_asset($1, $2)', [
      file,
      CHANGE_UNDER_WAY_MS,
    ])
    const kind = rows[0]?.kind
    if (kind === 'removed' || kind === 'unknown') return { kind }
    return { kind: 'in-use', documents: rows.flatMap(({ document }) => (document === null ? [] : String(document))) }
  }

  async collectAssets(olderThanMs: number): Promise<readonly string[]> {
    const rows = await this.#run('collect-assets', 'SELECT holdfast.collect_assets($1, $2) AS file', [
      olderThanMs,
      COLLECTED_MAX,
    ])
    return rows.map(({ file }) => String(file))
  }
}

function assetIn(row: Row): StoredAsset {
  return {
    file: String(row.file),
    source: String(row.source),
    bytes: numberIn(row, 'bytes'),
    author: String(row.author),
    names: row.names as readonly string[],
    at: numberIn(row, 'at'),
  }
}
