import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import pg from 'pg'
import { silentLog } from '../base/log.ts'
import { startEmbeddedPostgres } from '../store/embedded-postgres-node.ts'
import { delaySyncs } from './slow-sync-node.ts'

// `npm test -- strace` runs this, and `npm test` does not: few machines have strace, and a test that skips proves nothing.
const DELAY_MS = 400

test('[CA25] a commit waits for the slow disk, of sessions old and new, and the server outlives its end', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'holdfast-slow-'))
  const server = await startEmbeddedPostgres({ dataDir, log: silentLog })
  const sessions = [new pg.Client({ connectionString: server.url }), new pg.Client({ connectionString: server.url })]
  const [old, later] = sessions as [pg.Client, pg.Client]
  try {
    await old.connect()
    await old.query('CREATE TABLE kept (n int)')
    const release = await delaySyncs(dataDir, DELAY_MS)
    assert.ok(release, 'strace must be here and may attach: apt-get install strace, and run as root')
    await later.connect()
    for (const session of sessions) {
      const startMs = performance.now()
      await session.query('INSERT INTO kept VALUES (1)')
      assert.ok(performance.now() - startMs >= DELAY_MS, 'no commit is faster than the disk')
    }
    await release()
    const { rows } = await old.query('SELECT count(*)::int AS n FROM kept')
    assert.deepEqual(rows, [{ n: 2 }])
  } finally {
    for (const session of sessions) await session.end().catch(() => {})
    await server.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
})
