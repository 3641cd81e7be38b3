import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after, before } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { silentLog } from '../base/log.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres-node.ts'

// Below a folder that only this user may pass through, as a clone in `mktemp -d` is.
const folder = mkdtempSync(join(tmpdir(), 'holdfast-private-'))
const dataDir = join(folder, 'data')
const exits: string[] = []
let server: EmbeddedPostgres

before(async () => {
  chmodSync(folder, 0o700)
  server = await startEmbeddedPostgres({ dataDir, log: silentLog, onExit: (reason) => exits.push(reason) })
})
after(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function ask(sql: string): Promise<Record<string, unknown> | undefined> {
  const client = new pg.Client({ connectionString: server.url })
  client.on('error', () => {})
  try {
    await client.connect()
    return (await client.query(sql)).rows[0]
  } finally {
    await client.end()
  }
}

test('[SE20] the server runs below a private folder, safely set, with a password that only its user reads', async () => {
  assert.deepEqual(await ask("SELECT current_setting('fsync') AS fsync, current_database() AS database"), {
    fsync: 'on',
    database: 'holdfast',
  })
  assert.equal(statSync(join(dataDir, 'postgres-password')).mode & 0o077, 0)
  const wrong = new pg.Client({ connectionString: server.url.replace(/:[0-9a-f]+@/, ':guess@') })
  await assert.rejects(wrong.connect(), /password authentication failed/)
})

test('[SE20] a second server on the same data directory is refused with a sentence', async () => {
  await assert.rejects(
    startEmbeddedPostgres({ dataDir, log: silentLog }),
    new RegExp(`process ${server.pid}\\) already runs on ${dataDir}`),
  )
})

test('[SE20] a restart keeps the address and the data, also after a kill in the middle of work', async () => {
  const { url } = server
  await ask('CREATE TABLE IF NOT EXISTS kept (n int)')
  await ask('INSERT INTO kept VALUES (1)')
  await server.restart()
  const busy = ask('SELECT pg_sleep(30)').catch((error: Error) => error.message)
  await sleep(50)
  server.killHard()
  await server.restart()
  assert.match(String(await busy), /terminat|ECONN/)
  assert.equal(server.url, url)
  assert.deepEqual(await ask('SELECT count(*)::int AS n FROM kept'), { n: 1 })
  assert.deepEqual(exits, [], 'what was asked for is no news')
})

test('[SE20] an end that nobody asked for is told', async () => {
  process.kill(server.pid, 'SIGKILL')
  for (let waited = 0; exits.length === 0 && waited < 5000; waited += 10) await sleep(10)
  assert.match(exits[0] ?? '', /PostgreSQL ended \(SIGKILL\)/)
  await server.restart()
})

test('[SE20] a crash that it cannot recover from ends the server, so that it is started again when it can', async () => {
  const [log, away] = [join(dataDir, 'postgres', 'pg_wal'), join(dataDir, 'postgres', 'away')]
  const session = new pg.Client({ connectionString: server.url })
  session.on('error', () => {})
  await session.connect()
  const { rows } = await session.query('SELECT pg_backend_pid() AS pid')
  exits.length = 0
  renameSync(log, away)
  process.kill(rows[0].pid, 'SIGKILL')
  for (let waited = 0; exits.length === 0 && waited < 10_000; waited += 10) await sleep(10)
  rmSync(log, { recursive: true, force: true })
  renameSync(away, log)
  assert.match(exits[0] ?? '', /PostgreSQL ended/)
  await server.restart()
  assert.deepEqual(await ask('SELECT count(*)::int AS n FROM kept'), { n: 1 })
})

test('[SE20] a process number that was given to another program since does not keep the server from starting', async () => {
  await server.stop()
  const lock = join(dataDir, 'postgres', 'postmaster.pid')
  writeFileSync(lock, `${process.pid}\n${dataDir}\n1\n5432\n\n127.0.0.1\n`)
  server = await startEmbeddedPostgres({ dataDir, log: silentLog })
  assert.notEqual(Number.parseInt(readFileSync(lock, 'utf8'), 10), process.pid)
  assert.deepEqual(await ask('SELECT 1 AS one'), { one: 1 })
})

test('[SE20] a port that somebody else has is named', async () => {
  const other = createServer()
  other.listen(0, '127.0.0.1')
  await once(other, 'listening')
  const address = other.address()
  const port = typeof address === 'object' && address ? address.port : 0
  await server.stop()
  await assert.rejects(startEmbeddedPostgres({ dataDir, port, log: silentLog }), new RegExp(`Port ${port} is in use`))
  other.close()
  await server.restart()
})

test('[SE20] the server ends with the process that started it, however that ends', async () => {
  await server.stop()
  const module = new URL('./embedded-postgres-node.ts', import.meta.url).href
  const script = `
    import { startEmbeddedPostgres } from ${JSON.stringify(module)}
    const log = { debug() {}, info() {}, warn() {}, error() {}, decision() {} }
    const { pid } = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, log })
    console.log(pid)
    setInterval(() => {}, 1000)`
  const parent = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(parent.stdout, 'data')
  parent.kill('SIGKILL')
  const pid = Number(String(line))
  for (let waited = 0; isAlive(pid) && waited < 5000; waited += 10) await sleep(10)
  assert.equal(isAlive(pid), false)
  await server.restart()
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
