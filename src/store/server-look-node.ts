import pg from 'pg'

// SQLSTATE `cannot_connect_now`.
const STARTING_UP = '57P03'

/** Asks a server whether it serves: it may say that it is still starting up, refuse who asks, or say nothing at all. */
export async function lookAtServer(url: string): Promise<'serves' | 'starting-up' | 'refuses' | 'silent'> {
  const client = new pg.Client({ connectionString: maintenance(url), connectionTimeoutMillis: 1000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return 'serves'
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) return 'silent'
    return error.code === STARTING_UP ? 'starting-up' : 'refuses'
  } finally {
    await client.end().catch(() => {})
  }
}

/** Creates a database of a server where it is not there yet. */
export async function createDatabase(url: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: maintenance(url) })
  await client.connect()
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name])
    if (rowCount === 0) await client.query(`CREATE DATABASE ${name}`)
  } finally {
    await client.end()
  }
}

/** The database that is always there. */
function maintenance(url: string): string {
  const target = new URL(url)
  target.pathname = '/postgres'
  return target.href
}
