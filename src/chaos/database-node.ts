import pg from 'pg'

/** `18.4` */
export function databaseVersion(url: string): Promise<string> {
  return asked(url, async (client) => {
    const { rows } = await client.query('SHOW server_version')
    return String(rows[0]?.server_version).split(' ')[0] ?? ''
  })
}

/** Ends the server's side of all sessions of one node, as an operator's `pg_terminate_backend` does. Answers how many. */
export function endSessionsOf(url: string, applicationName: string): Promise<number> {
  return asked(url, async (client) => {
    const { rows } = await client.query(
      'SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity WHERE application_name = $1',
      [applicationName],
    )
    return rows.filter(({ ended }) => ended === true).length
  })
}

/** The log of writes goes on in its next file. */
export function switchWal(url: string): Promise<void> {
  return asked(url, async (client) => {
    await client.query('SELECT pg_switch_wal()')
  })
}

async function asked<Answer>(url: string, ask: (client: pg.Client) => Promise<Answer>): Promise<Answer> {
  const client = new pg.Client({ connectionString: url, application_name: 'holdfast chaos' })
  client.on('error', () => {})
  await client.connect()
  try {
    return await ask(client)
  } finally {
    await client.end().catch(() => {})
  }
}
