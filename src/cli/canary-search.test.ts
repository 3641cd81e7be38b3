import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import test, { after, before } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import pg from 'pg'
import { SMTPServer } from 'smtp-server'
import { realClock } from '../base/real-clock-node.ts'
import { readClusterFile } from '../server/data-directory-node.ts'
import { ROUTES } from '../server/permissions.ts'
import { EXIT } from './verb.ts'
import { runVerb } from './verb-stage.ts'

// Canaries are planted in every secret of a real cluster, the cluster is used, and then everything is searched that it
// gave away meanwhile: logs at debug, answers, exports, the bundle, the database.
const LAUNCHER = join(import.meta.dirname, '..', '..', 'bin', 'holdfast.js')
const PATIENCE_MS = 60_000
const data = mkdtempSync(join(tmpdir(), 'holdfast-canary-'))
const canary = (name: string) => `canary-${name}-${randomBytes(12).toString('hex')}`
const SECRETS = {
  'mail-password': canary('mail'),
  'many-lines': `${canary('first')}\n"${canary('second')}"`,
  'short-lived': canary('removed'),
}
const MASTER_KEY = canary('master')
const PASSWORD = canary('password')
/** What the cluster made up itself while it was used. */
const made: Record<string, string> = {}

let up: ChildProcess
let mailServer: SMTPServer

before(async () => {
  // A server that says too much: it quotes the password that it refuses.
  mailServer = new SMTPServer({
    authOptional: false,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth({ password = '' }, _session, answer) {
      answer(new Error(`No, ${password} is not the password`))
    },
  })
  mailServer.on('error', () => {})
  await once(mailServer.listen(0, '127.0.0.1'), 'listening')
  const words = [
    'up',
    '--json',
    '--control',
    '--no-demo',
    '--port',
    '0',
    '--edges',
    '0',
    '--nodes',
    '2',
    '--data',
    data,
  ]
  const env = { ...process.env, HOLDFAST_LOG_LEVEL: 'debug', HOLDFAST_MASTER_KEY: MASTER_KEY }
  up = spawn(process.execPath, [LAUNCHER, ...words], { stdio: ['pipe', 'pipe', 'inherit'], detached: true, env })
  assert.ok(up.stdout)
  for await (const line of createInterface({ input: up.stdout })) if (JSON.parse(line).event === 'up') return
  assert.fail('the cluster did not start')
})

after(async () => {
  up.stdin?.end()
  if (up.exitCode === null) await once(up, 'exit')
  await new Promise<void>((resolve) => mailServer.close(() => resolve()))
  rmSync(data, { recursive: true, force: true })
})

test('[CI13] no canary that was planted in a secret is found in anything that the cluster gives away', async () => {
  await use()
  const outputs = new Map<string, string>()
  await collectAnswers(outputs)
  await collectExports(outputs)
  await collectDatabase(outputs)
  for (const name of readdirSync(join(data, 'logs')))
    outputs.set(`the log ${name}`, readFileSync(join(data, 'logs', name), 'utf8'))
  const log = [...outputs].filter(([name]) => name.startsWith('the log')).map(([, text]) => text)
  assert.match(outputs.get(`/api/cluster/support of ${urls()[0]}`) ?? '', /"logLevel":"debug"/)
  assert.ok(log.join('').includes('*** is not the password'), 'the mail server was quoted')
  const leaks = [...outputs].flatMap(([output, text]) =>
    needles().flatMap(({ secret, form }) => (text.includes(form) ? [`${secret} in ${output}`] : [])),
  )
  assert.deepEqual(leaks, [])
})

test('[OP31] a node that an administrator kills by way of itself leaves one record of that, and the chain is whole', async () => {
  const kills = async () => {
    const { out } = await cluster(['audit', 'list', '--json', '--limit', '1000'])
    const { records } = JSON.parse(out[0] ?? '{"records":[]}')
    return records.filter(({ act, on }: { act: string; on: string }) => act === 'node.kill' && on === 'n1')
  }
  assert.deepEqual(await kills(), [])
  // Nobody may be there to answer.
  await post('/api/cluster/nodes/n1/kill', {}).catch(() => {})
  await until('the record', async () => (await kills()).length > 0)
  await until('the next run of the node', async () => (await cluster(['status'])).code === EXIT.done)
  assert.equal((await kills()).length, 1)
  const { code, out } = await cluster(['audit', 'verify'])
  assert.equal(code, EXIT.done, out.join(' '))
})

/** Everything that touches a secret: set, read by a node that sends mail, sealed anew, removed, recorded. */
async function use(): Promise<void> {
  for (const [name, text] of Object.entries(SECRETS))
    assert.equal((await cluster(['secret', 'set', name], text.split('\n'))).code, EXIT.done, name)
  const { port } = mailServer.server.address() as AddressInfo
  const settings = [`mailServer: smtp://me@127.0.0.1:${port}`, 'mailFrom: a@example.com', 'transcriptMails: true']
  const changed = await cluster(['config', 'set', 'settings', '--reason', 'mail'], settings)
  assert.equal(changed.code, EXIT.done, changed.err.join(' '))
  await until('every node runs the configuration', async () => {
    const { nodes } = await get('/api/config')
    return nodes.length === 2 && nodes.every(({ drift }: { drift: boolean }) => !drift)
  })
  const { conversation } = await post('/api/conversations', { key: 'k', name: 'Vi', email: 'vi@example.com' })
  await post(`/api/conversations/${conversation}/messages`, { key: 'm', text: 'hello' })
  await post(`/api/conversations/${conversation}/close`, {})
  const logs = () => readdirSync(join(data, 'logs')).map((name) => readFileSync(join(data, 'logs', name), 'utf8'))
  await until('the mail server was asked, and its answer logged', async () =>
    logs().join('').includes('is not the password'),
  )
  made['a staff token'] = (await post('/api/tokens', { kind: 'staff', name: 'Ada' })).token
  await signIn()
  assert.equal((await cluster(['secret', 'rotate', '--retire'])).code, EXIT.done)
  assert.equal((await cluster(['secret', 'remove', 'short-lived'])).code, EXIT.done)
}

/** An account, its session, and the key of a program, each used once. */
async function signIn(): Promise<void> {
  await post('/api/accounts', { name: 'ada', roles: ['auditor'], password: PASSWORD })
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ name: 'ada', password: PASSWORD })
  const session = await fetch(new URL('/api/session', urls()[0]), { method: 'POST', headers, body })
  assert.ok(session.ok, `signing in: ${session.status}`)
  made['the session'] = /=([^;]+)/.exec(session.headers.getSetCookie()[0] ?? '')?.[1] ?? ''
  assert.notEqual(made['the session'], '')
  const { key } = await post('/api/api-keys', { name: 'shop', scopes: ['audit'] })
  made['the API key'] = key
  const read = await fetch(new URL('/api/audit', urls()[0]), { headers: { authorization: `Bearer ${key}` } })
  assert.ok(read.ok)
}

/** What every route that only reads answers, on every node, headers too. */
async function collectAnswers(outputs: Map<string, string>): Promise<void> {
  const paths = Object.keys(ROUTES).filter((route) => route.startsWith('GET ') && !route.includes('*'))
  const { conversations } = await get('/api/conversations?status=all')
  const filled = paths.map((route) =>
    route.slice(4).replace(':name', 'n1').replace(':id', conversations[0].conversation).replace(':token', 'x'),
  )
  for (const url of urls())
    for (const path of [...filled, '/api/config/document?name=settings', '/api/outbox?limit=100']) {
      const answer = await fetch(new URL(path, url), { headers: bearer(), redirect: 'manual' })
      outputs.set(`${path} of ${url}`, `${JSON.stringify([...answer.headers])}${await answer.text()}`)
    }
}

async function collectExports(outputs: Map<string, string>): Promise<void> {
  const [folder, bundle] = [join(data, 'exported'), join(data, 'bundle.tar.gz')]
  const commands = [
    ...[
      ['config', 'export', folder],
      ['config', 'history'],
      ['config', 'list', '--json'],
      ['audit', 'export'],
    ],
    ...[
      ['audit', 'list', '--json'],
      ['secret', 'list', '--json'],
      ['status', '--json'],
      ['node', 'list', '--json'],
    ],
    ...[
      ['doctor', '--json', '--port', '1'],
      ['bundle', '--out', bundle],
    ],
  ]
  for (const words of commands) {
    const { out, err } = await cluster(words)
    outputs.set(words.join(' '), [...out, ...err].join('\n'))
  }
  for (const name of readdirSync(folder, { recursive: true })
    .map(String)
    .filter((each) => each.endsWith('.yaml')))
    outputs.set(`the file ${name}`, readFileSync(join(folder, name), 'utf8'))
  const unpacked = gunzipSync(readFileSync(bundle)).toString('latin1')
  for (const part of ['doctor.json', 'nodes/n2.log', 'logs/n1.log', 'configuration.json', 'decisions.json'])
    assert.ok(unpacked.includes(part), `the bundle has ${part}`)
  outputs.set('the bundle', unpacked)
}

/** Every row of every table: what somebody reads who has the database and no key. */
async function collectDatabase(outputs: Map<string, string>): Promise<void> {
  const client = new pg.Client({ connectionString: readClusterFile(data)?.database })
  await client.connect()
  try {
    const { rows } = await client.query("SELECT tablename FROM pg_tables WHERE schemaname = 'holdfast'")
    for (const { tablename } of rows) {
      const { rows: found } = await client.query(`SELECT t::text AS row FROM holdfast.${tablename} t`)
      outputs.set(`the table ${tablename}`, found.map(({ row }) => row).join('\n'))
    }
  } finally {
    await client.end()
  }
}

/** Each secret as it might be written: as it is, in JSON, in a URL, in base64 and hexadecimal; of many lines each line. */
function needles(): { secret: string; form: string }[] {
  const file = (name: string) => readFileSync(join(data, name), 'utf8').trim()
  const all: Record<string, string> = {
    ...SECRETS,
    ...made,
    'the master key': MASTER_KEY,
    'the password of an account': PASSWORD,
    'the cluster secret': file('secret'),
    'the database password': file('postgres-password'),
    'the admin token': file('admin.token'),
    'the agent token': file('agent.token'),
  }
  return Object.entries(all).flatMap(([secret, text]) =>
    text.split('\n').flatMap((line) => {
      const bytes = Buffer.from(line)
      const forms = [line, JSON.stringify(line).slice(1, -1), encodeURIComponent(line)]
      // The ends of base64 depend on what stands beside it.
      return [...forms, bytes.toString('hex'), bytes.toString('base64').slice(0, -4)].map((form) => ({ secret, form }))
    }),
  )
}

function urls(): readonly string[] {
  return readClusterFile(data)?.urls ?? []
}

function bearer() {
  return { authorization: `Bearer ${readFileSync(join(data, 'admin.token'), 'utf8').trim()}` }
}

async function get(path: string) {
  return (await fetch(new URL(path, urls()[0]), { headers: bearer() })).json()
}

async function post(path: string, body: object) {
  const headers = { ...bearer(), 'content-type': 'application/json' }
  const answer = await fetch(new URL(path, urls()[0]), { method: 'POST', headers, body: JSON.stringify(body) })
  assert.ok(answer.ok, `${path}: ${answer.status}`)
  return answer.json()
}

function cluster(words: readonly string[], lines: readonly string[] = []) {
  return runVerb([...words, '--data', data], { clock: realClock, lines })
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; !(await condition()); await sleep(100))
    assert.ok(Date.now() < deadline, `${what} in time`)
}
