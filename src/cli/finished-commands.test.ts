import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import test from 'node:test'
import { promisify } from 'node:util'

// The commands of finished rows in docs/coming-from, carried out on a real cluster. Those that start clusters of their
// own (`chaos`, `simulate`) are acceptance commands with bars and run as such; `serve` is what every node here runs.
const root = join(import.meta.dirname, '..', '..')
const LAUNCHER = join(root, 'bin', 'holdfast.js')
const pages = join(root, 'docs', 'coming-from')
const ELSEWHERE = /^npx holdfast (?:chaos|simulate|serve) /
const START_MS = 90_000

interface Up {
  readonly urls: readonly string[]
  readonly adminToken: string
}

test('the finished commands of docs/coming-from do their work on a running cluster', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'holdfast-finished-'))
  symlinkSync(join(root, 'examples'), join(data, 'examples'))
  const words = [
    'up',
    '--port',
    '0',
    '--nodes',
    '2',
    '--edges',
    '1',
    '--data',
    data,
    '--no-demo',
    '--json',
    '--control',
  ]
  const cluster = spawn(process.execPath, [LAUNCHER, ...words], { stdio: ['pipe', 'pipe', 'inherit'] })
  try {
    const up = await whenUp(cluster)
    for (const command of finishedCommands())
      await t.test(command, () => (command.startsWith('curl ') ? fetched(command, up) : carriedOut(command, data)))
  } finally {
    cluster.stdin.end()
    await new Promise((resolve) => (cluster.exitCode === null ? cluster.once('exit', resolve) : resolve(undefined)))
    rmSync(data, { recursive: true, force: true })
  }
})

/** In the order of the pages, each once: a drained node is enabled before the next page drains it. */
function finishedCommands(): string[] {
  const texts = readdirSync(pages).map((name) => readFileSync(join(pages, name), 'utf8'))
  const blocks = texts.flatMap((text) => [...text.matchAll(/^```sh finished\n([\s\S]*?)^```$/gm)])
  const lines = blocks.flatMap(([, block = '']) => block.trimEnd().split('\n'))
  return [...new Set(lines)].filter((line) => !ELSEWHERE.test(line))
}

async function whenUp({ stdout }: ChildProcess): Promise<Up> {
  assert.ok(stdout)
  const lines = createInterface({ input: stdout, signal: AbortSignal.timeout(START_MS) })
  for await (const line of lines) {
    const told = JSON.parse(line) as Up & { event: string }
    if (told.event === 'up') return told
  }
  throw new Error('the cluster did not come up')
}

async function carriedOut(command: string, data: string): Promise<void> {
  const words = command.split(' ').slice(2)
  // What a command writes goes with the cluster.
  const { stdout } = await promisify(execFile)(process.execPath, [LAUNCHER, ...words, '--data', data], { cwd: data })
  assert.notEqual(stdout.trim(), '')
}

async function fetched(command: string, up: Up): Promise<void> {
  const words = command.split(' ')
  const method = words.includes('-X') ? (words[words.indexOf('-X') + 1] ?? 'GET') : 'GET'
  const url = new URL(new URL(words.at(-1) ?? '').pathname, up.urls[0])
  const answer = await fetch(url, { method, headers: { authorization: `Bearer ${up.adminToken}` } })
  const body = await answer.text()
  // The example's conversation does not exist, and its answer says so.
  if (method === 'POST') assert.equal((JSON.parse(body) as { code: string }).code, 'unknown-conversation')
  else assert.equal(answer.status, 200, `${url.pathname}: ${body}`)
}
