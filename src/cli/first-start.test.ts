import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import test from 'node:test'
import type { ClusterAnswer } from '../protocol/rest-answers.ts'
import { TestDatabases } from '../store/test-database-node.ts'
import { EXIT } from './verb.ts'
import { runVerb } from './verb-stage.ts'

const LAUNCHER = join(import.meta.dirname, '..', '..', 'bin', 'holdfast.js')
const PASSWORD = 'correct horse battery'
const START_MS = 60_000
const LINK = /http:\/\/localhost:\d+\/set-up#link=hfl_[\w-]{43}/

/** A node as an operator starts it, and all that it wrote. */
function startNode(database: string, dataDir: string) {
  const words = ['serve', '--database', database, '--data-dir', dataDir, '--name', 'n1', '--accept-data-loss']
  const where = ['--host', '127.0.0.1', '--port', '0', '--relay-port', '0', '--log-level', 'debug']
  const env = { ...process.env, HOLDFAST_SECRET: 'the secret of a cluster that lives for one test' }
  const child = spawn(process.execPath, [LAUNCHER, ...words, ...where], { stdio: ['ignore', 'pipe', 'pipe'], env })
  const log: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => log.push(line))
  return { child, log }
}

async function lineOf({ stderr }: ChildProcess, wanted: RegExp): Promise<string> {
  assert.ok(stderr)
  for await (const line of createInterface({ input: stderr, signal: AbortSignal.timeout(START_MS) })) {
    const [found] = wanted.exec(line) ?? []
    if (found !== undefined) return found
  }
  return assert.fail('the node ended before it said so')
}

test('[SV135] serve prints the set-up link on a first start, to standard error and no log, and the link sets a real node up', async (context) => {
  const databases = await TestDatabases.start()
  context.after(() => databases.stop())
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-first-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  const { child, log } = startNode(await databases.create('empty'), join(folder, 'data'))
  const ended = once(child, 'exit')
  context.after(async () => {
    child.kill('SIGTERM')
    await ended
  })
  const link = await lineOf(child, LINK)
  const { origin, port } = new URL(link)
  const file = join(folder, 'setup.yaml')
  // Another name of this machine, so that it can be seen which one is told.
  const publicUrl = `http://127.0.0.1:${port}`
  const steps = `address: { publicUrl: "${publicUrl}" }\nmail: { skip: true }\ncertificate: { skip: true }\njoin: { skip: true }`
  writeFileSync(file, `${steps}\nadministrator: { name: ada, password: { env: SETUP_PASSWORD } }`)
  const set = await runVerb(['setup', '--file', file, '--link', link, '--data', folder], {
    env: { SETUP_PASSWORD: PASSWORD },
  })
  assert.equal(set.code, EXIT.done, set.err.join('\n'))
  assert.equal(set.out[0], 'Everything is decided.')
  assert.match(set.err[0] ?? '', /^Database: done\. PostgreSQL \d+.*it answers within [\d.]+ ms\.$/)

  await context.test(
    '[SV136] the public address that the cluster was told holds at once on a node that runs',
    async () => {
      const signIn = { method: 'POST', headers: { 'content-type': 'application/json' } }
      const body = JSON.stringify({ name: 'ada', password: PASSWORD })
      const session = await fetch(new URL('/api/session', origin), { ...signIn, body })
      const { token, addresses } = (await session.json()) as { token: string; addresses: readonly string[] }
      assert.deepEqual(addresses, [`${publicUrl.replace('http', 'ws')}/connect`])
      const headers = { authorization: `Bearer ${token}` }
      const cluster = (await (await fetch(new URL('/api/cluster', origin), { headers })).json()) as ClusterAnswer
      assert.equal(cluster.publicUrl, publicUrl)
    },
  )

  assert.ok(log.length > 0)
  assert.ok(log.every((line) => !line.includes('hfl_')))
})
