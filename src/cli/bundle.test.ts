import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { httpStage, staffToken } from '../server/http-stage.ts'
import { EXIT } from './verb.ts'
import { runVerb } from './verb-stage.ts'

const CANARY = 'canary-that-nobody-may-see'

/** What a cluster of `up` leaves on its machine, with secrets wherever they may lie. */
function dataDirectory(context: TestContext): string {
  const data = mkdtempSync(join(tmpdir(), 'holdfast-bundle-'))
  context.after(() => rmSync(data, { recursive: true }))
  mkdirSync(join(data, 'logs'))
  mkdirSync(join(data, 'nodes', 'n1'), { recursive: true })
  const line = { sentence: `at postgres://u:${CANARY}@h/d`, password: CANARY, text: CANARY, self: 'n1' }
  writeFileSync(join(data, 'logs', 'n1.log'), `${JSON.stringify(line)}\nBearer ${CANARY}\n`)
  writeFileSync(join(data, 'postgres.log'), 'database system is ready\n')
  writeFileSync(join(data, 'secret'), CANARY)
  writeFileSync(join(data, 'admin.token'), CANARY)
  const document = { name: 'settings', revision: 1, body: JSON.stringify({ smtp: { password: CANARY } }) }
  writeFileSync(join(data, 'nodes', 'n1', 'configuration.json'), JSON.stringify({ revision: 1, documents: [document] }))
  return data
}

/** The parts of a bundle, unpacked by tar. */
function unpacked(data: string, file: string): (name: string) => string {
  const folder = join(data, 'unpacked')
  mkdirSync(folder)
  execFileSync('tar', ['-xzf', file, '-C', folder])
  return (name) => readFileSync(join(folder, name), 'utf8')
}

test('[CI12] a bundle of a cluster that is down holds what lies on this machine, and says what is missing', async (context) => {
  const data = dataDirectory(context)
  const file = join(data, 'bundle.tar.gz')
  const env = { HOLDFAST_MASTER_KEY: CANARY, HOLDFAST_LOG_LEVEL: 'debug' }
  const { code, out } = await runVerb(['bundle', '--data', data, '--out', file], { env })
  assert.equal(code, EXIT.done)
  assert.match(out[1] ?? '', /^Without cluster: No cluster runs on/)
  assert.equal(statSync(file).mode & 0o777, 0o600)
  const read = unpacked(data, file)
  const { parts, missing } = JSON.parse(read('manifest.json'))
  assert.deepEqual(parts, [
    ...['this-machine.json', 'doctor.json', 'logs/n1.log', 'logs/postgres.log', 'last-known/n1.json'],
  ])
  assert.equal(missing.length, 1)
  for (const name of [...parts, 'manifest.json']) assert.ok(!read(name).includes(CANARY), name)
  assert.equal(JSON.parse(read('last-known/n1.json')).documents[0].value.smtp.password, '***')
  assert.deepEqual(JSON.parse(read('this-machine.json')).settings, {
    HOLDFAST_MASTER_KEY: '***',
    HOLDFAST_LOG_LEVEL: 'debug',
  })
})

test('[CI12] a bundle of a cluster that runs holds what each node tells, without secrets', async (context) => {
  const { app, secrets, node } = await httpStage()
  context.after(() => app.close())
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  await secrets.set('mail-password', CANARY)
  const privateKey = `-----BEGIN PRIVATE KEY-----\n${CANARY}\n-----END PRIVATE KEY-----`
  await secrets.keepKey('key/token-1', privateKey)
  const told = {
    ...{ version: '1', settings: { port: 1, password: CANARY }, configuration: { revision: 0, digest: '0' } },
    log: [`{"sentence":"Bearer ${CANARY}","text":"${CANARY}"}`, JSON.stringify({ sentence: privateKey })],
  }
  node.support = told
  const data = dataDirectory(context)
  const file = join(data, 'bundle.tar.gz')
  const env = { HOLDFAST_URL: url, HOLDFAST_TOKEN: staffToken('admin') }
  const { out } = await runVerb(['bundle', '--data', data, '--out', file, '--json'], { env })
  const { parts, missing } = JSON.parse(out[0] ?? '')
  assert.deepEqual(missing, [])
  const read = unpacked(data, file)
  for (const name of parts) assert.ok(!read(name).includes(CANARY), name)
  assert.deepEqual(JSON.parse(read('nodes/e1.json')).settings, { port: 1, password: '***' })
  assert.equal(read('nodes/n1.log'), '{"sentence":"Bearer ***","text":"[text]"}\n{"sentence":"[private key]"}\n')
  assert.equal(JSON.parse(read('decisions.json')).decisions[0].what, 'adopt')
  assert.equal(JSON.parse(read('secrets.json')).secrets[0].name, 'mail-password')
})
