import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import pg from 'pg'
import { silentLog } from '../base/log.ts'
import { startEmbeddedPostgres } from '../store/embedded-postgres-node.ts'
import { ChaosProxy } from './chaos-proxy-node.ts'
import { slowAnswers } from './faults/slow-sync.ts'
import { delaySyncs } from './slow-sync-node.ts'

const DELAY_MS = 400

test('[CA25] where there is no strace a commit waits for late answers, and for none when they are over', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'holdfast-slow-'))
  const server = await startEmbeddedPostgres({ dataDir, log: silentLog })
  const url = new URL(server.url)
  const proxy = await ChaosProxy.start({ target: { host: url.hostname, port: Number(url.port) } })
  url.port = String(proxy.port)
  const session = new pg.Client({ connectionString: url.href })
  const insertMs = async () => {
    const startMs = performance.now()
    await session.query('INSERT INTO kept VALUES (1)')
    return performance.now() - startMs
  }
  try {
    await session.connect()
    await session.query('CREATE TABLE kept (n int)')
    assert.equal(await withoutPrograms(() => delaySyncs(dataDir, DELAY_MS)), undefined)
    const end = slowAnswers({ nodeAndDatabase: () => proxy.wire() }, ['n1'], DELAY_MS)
    assert.ok((await insertMs()) >= DELAY_MS, 'no answer is earlier than it may be')
    await end()
    assert.ok(Math.min(await insertMs(), await insertMs(), await insertMs()) < DELAY_MS, 'answers are as before')
    const { rows } = await session.query('SELECT count(*)::int AS n FROM kept')
    assert.deepEqual(rows, [{ n: 4 }])
  } finally {
    await session.end().catch(() => {})
    await proxy.stop()
    await server.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
})

/** As on a machine where nothing is installed. */
async function withoutPrograms<Answer>(act: () => Promise<Answer>): Promise<Answer> {
  const { PATH = '' } = process.env
  process.env.PATH = ''
  try {
    return await act()
  } finally {
    process.env.PATH = PATH
  }
}
