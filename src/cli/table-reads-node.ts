import pg from 'pg'

// What a session did is told to the statistics when it rests, at most a second later.
const READS = `SELECT sum(coalesce(idx_scan, 0) + seq_scan) AS reads FROM pg_stat_user_tables WHERE relname = $1`

/** How often a database has read a table, by an index or whole, by its own statistics. */
export async function tableReads(database: string, table: string): Promise<number> {
  const client = new pg.Client({ connectionString: database })
  await client.connect()
  try {
    const { rows } = await client.query(READS, [table])
    return Number(rows[0]?.reads ?? 0)
  } finally {
    await client.end()
  }
}
