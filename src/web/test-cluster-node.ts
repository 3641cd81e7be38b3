import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

const LAUNCHER = join(import.meta.dirname, '..', '..', 'bin', 'holdfast.js')
const START_PATIENCE_MS = 90_000

interface UpLine {
  readonly event: 'up'
  readonly publicUrl: string
  readonly adminToken: string
  readonly agentToken: string
}

/** A cluster of real processes, started the way a person starts it. */
export interface RealCluster {
  readonly url: string
  readonly adminToken: string
  readonly agentToken: string
  /** Kills a node with SIGKILL; it is started again by its supervisor. */
  kill(node: string): void
  /** Asks the REST side as an operator. */
  get<Answer>(path: string): Promise<Answer>
  /** Posts as an operator, or as the holder of another token. */
  post<Answer>(path: string, body: object, token?: string): Promise<Answer>
  stop(): Promise<void>
}

/** Runs `holdfast up` in a fresh data directory at free ports. */
export async function startRealCluster(options: { demo: boolean }): Promise<RealCluster> {
  const data = await mkdtemp(join(tmpdir(), 'holdfast-pages-'))
  const words = ['up', '--json', '--control', '--port', '0', '--data', data, ...(options.demo ? [] : ['--no-demo'])]
  const child = spawn(process.execPath, [LAUNCHER, ...words], { stdio: ['pipe', 'pipe', 'pipe'] })
  let up: UpLine
  try {
    up = await upLine(child)
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    url: up.publicUrl,
    adminToken: up.adminToken,
    agentToken: up.agentToken,
    kill: (node) => void child.stdin.write(`${JSON.stringify({ verb: 'kill', node })}\n`),
    get: (path) => call(up.publicUrl + path, up.adminToken),
    post: (path, body, token = up.adminToken) => call(up.publicUrl + path, token, body),
    async stop() {
      child.stdin.end('{"verb":"stop"}\n')
      await ended
      await rm(data, { recursive: true, force: true })
    },
  }
}

async function call<Answer>(url: string, token: string, body?: object): Promise<Answer> {
  const response = await fetch(url, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as Answer
}

/** The line that tells that all is there; what stood on standard error where it never comes. */
function upLine(child: ChildProcessByStdio<Writable, Readable, Readable>): Promise<UpLine> {
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(patience)
      reject(new Error(`holdfast up ${why}:\n${errors}`))
    }
    const patience = setTimeout(() => fail('was not ready in time'), START_PATIENCE_MS)
    child.once('exit', (code) => fail(`ended with ${code}`))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const told: { event?: string } = JSON.parse(line)
      if (told.event !== 'up') return
      clearTimeout(patience)
      child.removeAllListeners('exit')
      resolve(told as UpLine)
    })
  })
}
