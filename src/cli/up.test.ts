import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import test, { after, before } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { realClock } from '../base/real-clock-node.ts'
import { SUBPROTOCOL } from '../protocol/client-frames.ts'
import type { DoctorAnswer } from '../protocol/doctor-answers.ts'
import type { ClusterAnswer, NodeRow } from '../protocol/rest-answers.ts'
import { SOCKET_PATH } from '../server/public-addresses.ts'
import type { DoctorFinding } from './doctor-checks-node.ts'
import { EXIT } from './verb.ts'
import { runVerb } from './verb-stage.ts'

// One real cluster for the whole file: one edge, two chat nodes, embedded PostgreSQL, tests in the order of the file.
const LAUNCHER = join(import.meta.dirname, '..', '..', 'bin', 'holdfast.js')
const PATIENCE_MS = 30_000
const LOCAL = ['--port', '0', '--host', '127.0.0.1', '--relay-host', '127.0.0.1']
const data = mkdtempSync(join(tmpdir(), 'holdfast-up-'))

interface Line {
  readonly event?: string
  readonly done?: string
  readonly node?: string
  readonly pid?: number
  readonly urls?: readonly string[]
  readonly adminToken?: string
  readonly nodes?: readonly { name: string; pid: number }[]
}

let up: ChildProcess
let ready: Line
const lines: Line[] = []

before(async () => {
  const words = ['up', '--json', '--control', '--port', '0', '--edges', '1', '--nodes', '2', '--data', data]
  const env = { ...process.env, HOLDFAST_LIMITS_HEARTBEAT_MS: '7000' }
  up = spawn(process.execPath, [LAUNCHER, ...words], { stdio: ['pipe', 'pipe', 'inherit'], detached: true, env })
  if (up.stdout) createInterface({ input: up.stdout }).on('line', (line) => lines.push(JSON.parse(line)))
  ready = await lineWhere(({ event }) => event === 'up')
})

after(() => {
  if (up.exitCode === null) up.kill('SIGKILL')
  rmSync(data, { recursive: true, force: true })
})

test('up starts every node, and other verbs find the cluster by its data directory', async () => {
  assert.deepEqual(ready.nodes?.map(({ name }) => name).sort(), ['e1', 'n1', 'n2'])
  const { code, out } = await cluster('status', '--json')
  assert.equal(code, EXIT.done)
  const answer: ClusterAnswer = JSON.parse(out.join(''))
  assert.deepEqual(
    answer.nodes.map(({ name, state, supervised }) => [name, state, supervised]),
    [
      ['e1', 'live', true],
      ['n1', 'live', true],
      ['n2', 'live', true],
    ],
  )
  assert.equal(answer.openConversations, 3, 'the demo conversations')
})

test('an edge tells its clients the heartbeat that is set', async () => {
  const url = ready.urls?.[0] ?? ''
  const { token } = (await (await fetch(`${url}/api/demo/token`, { method: 'POST' })).json()) as { token: string }
  const socket = new WebSocket(`${url.replace('http', 'ws')}${SOCKET_PATH}`, SUBPROTOCOL)
  await once(socket, 'open')
  socket.send(JSON.stringify({ type: 'hello', token, versions: [1], instance: 'i', connection: 1, resume: [] }))
  const [{ data: welcome }] = await once(socket, 'message')
  socket.close()
  assert.equal(JSON.parse(welcome).heartbeatMs, 7000)
})

test('the doctor finds nothing wrong beside a running cluster', async () => {
  const port = new URL(ready.urls?.[0] ?? '').port
  const { out } = await cluster('doctor', '--json', '--port', port)
  const { findings, cluster: compared } = JSON.parse(out.join('')) as {
    findings: DoctorFinding[]
    cluster: DoctorAnswer
  }
  const failed = compared.findings.filter(({ severity }) => severity === 'failed')
  assert.deepEqual(failed, [], 'what the nodes say fits together')
  for (const { node, facts, silent } of compared.nodes)
    assert.deepEqual([node, silent, facts?.unseen], [node, undefined, {}], 'every node looked at everything')
  assert.equal(compared.nodes.length, ready.nodes?.length)
  const states = new Map(findings.map(({ name, state }) => [name, state]))
  for (const name of [
    'runtime',
    'embedded database',
    'disk',
    `port ${port}`,
    'database: fsync',
    'clock',
    'conversations',
    'certificates',
  ])
    assert.equal(states.get(name), 'ok', name)
})

test('a second up on the same directory, and one on the same port, say what is in the way', async () => {
  const second = await launch('up', '--port', '0', '--data', data)
  assert.equal(second.code, EXIT.failed)
  assert.match(second.err, new RegExp(`up on ${data} already \\(process ${up.pid}`))
  const held = createServer().listen(0, '127.0.0.1')
  await once(held, 'listening')
  const port = String((held.address() as { port: number }).port)
  const other = await launch('up', '--port', port, '--data', join(data, 'other'))
  held.close()
  assert.equal(other.code, EXIT.failed)
  assert.match(other.err, new RegExp(`Port ${port} is in use`))
  if (process.platform === 'linux') assert.match(other.err, new RegExp(`process ${process.pid}\\)`))
})

test('[SV34] a node that is killed is declared dead at once, adopted from, and started again', async () => {
  const { ownership } = await view()
  const victim = ownership[0]?.owner ?? ''
  const conversations = ownership.filter(({ owner }) => owner === victim).map(({ conversation }) => conversation)
  const before = (await view()).nodes.find(({ name }) => name === victim)
  tell({ verb: 'kill', node: victim })
  await lineWhere(({ event, node }) => event === 'exit' && node === victim)
  await until(
    async () => (await view()).ownership.every(({ owner }) => owner !== victim),
    'its conversations are adopted',
  )
  const after = (await view()).ownership.map(({ conversation }) => conversation)
  for (const conversation of conversations) assert.ok(after.includes(conversation))
  await until(async () => {
    const row = (await view()).nodes.find(({ name }) => name === victim)
    return row?.state === 'live' && row.incarnation !== before?.incarnation
  }, 'a new run of the node serves')
})

test('drain empties a node, enable brings it back, move gives it one conversation', async () => {
  const { ownership } = await view()
  const from = ownership[0]?.owner ?? ''
  const drained = await cluster('node', 'drain', from, '--json')
  assert.equal(drained.code, EXIT.done, drained.err.join('\n'))
  assert.deepEqual(await ownedBy(from), [])
  await until(async () => (await row(from))?.mode === 'draining', 'everybody has heard that the node drains')
  assert.equal((await fetch(`${(await row(from))?.url}/health/ready`)).status, 404)
  assert.equal((await cluster('node', 'enable', from)).code, EXIT.done)
  await until(async () => (await row(from))?.mode === 'enabled', 'the node takes conversations')
  const conversation = ownership[0]?.conversation ?? ''
  const moved = await cluster('node', 'move', conversation, from)
  assert.deepEqual([moved.code, await ownedBy(from)], [EXIT.done, [conversation]])
})

test('SIGTERM to a node drains it before it ends', async () => {
  const { ownership } = await view()
  const owner = ownership[0]?.owner ?? ''
  const seen = lines.length
  tell({ verb: 'kill', node: owner, signal: 'SIGTERM' })
  await lineWhere(({ event, node }) => event === 'exit' && node === owner, seen)
  assert.equal((await view()).ownership.length, ownership.length)
  assert.match(readFileSync(join(data, 'logs', `${owner}.log`), 'utf8'), /Drain ended empty/)
  await until(async () => (await row(owner))?.state === 'live', 'the node serves again')
})

test('the database may be killed; everybody waits for it', async () => {
  const seen = lines.length
  tell({ verb: 'restart-database' })
  await lineWhere(({ done }) => done === 'restart-database', seen)
  await until(async () => (await view()).nodes.every(({ state }) => state === 'live'), 'every node has renewed')
})

test('a machine joins with one word; a name that is taken and a damaged word are refused in a sentence', async () => {
  const token = (await cluster('token', 'join')).out[0] ?? ''
  const serving = (directory: string, word: string, name: string) =>
    ['serve', '--join', word, '--name', name, '--role', 'chat', '--data-dir', join(data, directory)].concat(LOCAL)
  const taken = await launch(...serving('copy', token, 'n1'))
  assert.equal(taken.code, EXIT.failed)
  assert.match(taken.err, /Another living process is called n1.*--new-identity/)
  const damaged = await launch(...serving('damaged', token.slice(0, -8), 'n8'))
  assert.equal(damaged.code, EXIT.failed)
  assert.match(damaged.err, /join token is damaged/)
  // The copy has the identity of n1 in its data directory, and gets one of its own.
  const clone = ['serve', '--join', token, '--role', 'chat', '--new-identity', '--data-dir', join(data, 'copy')]
  const child = spawn(process.execPath, [LAUNCHER, ...clone, ...LOCAL], { stdio: 'ignore' })
  await until(async () => (await view()).nodes.length === 4, 'the copy has joined under a name of its own')
  child.kill('SIGTERM')
  const [code] = await once(child, 'exit')
  assert.equal(code, EXIT.done)
})

test('[CI5] Ctrl-C ends everything within five seconds and leaves nothing behind', async () => {
  const database = Number(readFileSync(join(data, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0])
  const { nodes = [] } = JSON.parse(readFileSync(join(data, 'cluster.json'), 'utf8')) as Line
  const askedAtMs = performance.now()
  up.kill('SIGINT')
  const [code] = await once(up, 'exit')
  const tookMs = performance.now() - askedAtMs
  assert.equal(code, EXIT.done)
  assert.ok(tookMs < 5000, `${Math.round(tookMs)} ms`)
  for (const pid of [database, ...nodes.map((node) => node.pid)]) assert.equal(lives(pid), false, `process ${pid}`)
  assert.equal(existsSync(join(data, 'cluster.json')), false)
  assert.ok(readdirSync(join(data, 'logs')).length >= 3, 'the logs stay')
})

function cluster(...words: string[]) {
  return runVerb([...words, '--data', data], { clock: realClock })
}

async function view(): Promise<ClusterAnswer> {
  for (const deadline = Date.now() + PATIENCE_MS; ; ) {
    const { code, out } = await cluster('status', '--json')
    if (code !== EXIT.unreachable && out[0]) return JSON.parse(out[0])
    assert.ok(Date.now() < deadline, 'the cluster answers')
    await sleep(100)
  }
}

async function row(node: string): Promise<NodeRow | undefined> {
  return (await view()).nodes.find(({ name }) => name === node)
}

async function ownedBy(node: string): Promise<readonly string[]> {
  return (await view()).ownership.filter(({ owner }) => owner === node).map(({ conversation }) => conversation)
}

function tell(command: object): void {
  up.stdin?.write(`${JSON.stringify(command)}\n`)
}

async function lineWhere(wanted: (line: Line) => boolean, from = 0): Promise<Line> {
  let found: Line | undefined
  await until(async () => {
    found = lines.slice(from).find(wanted)
    return found !== undefined
  }, 'a line of up')
  return found as Line
}

async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; !(await condition()); await sleep(50))
    assert.ok(Date.now() < deadline, `in time: ${what}`)
}

async function launch(...words: string[]): Promise<{ code: number | null; err: string }> {
  const child = spawn(process.execPath, [LAUNCHER, ...words], { stdio: ['ignore', 'ignore', 'pipe'] })
  let err = ''
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  const [code] = await once(child, 'exit')
  return { code, err }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
