import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { NodeName } from '../base/ids.ts'
import type { NodeRow } from '../protocol/rest-answers.ts'

interface UpOptions {
  /** Kept afterwards; absent: a temporary one that goes. */
  readonly dataDir?: string
  readonly chats: number
  readonly edges: number
  /** Settings of the nodes, as environment variables. */
  readonly settings: Readonly<Record<string, string>>
  /** Which ports it takes, as words of its command line; told its directory. */
  readonly ports: (dataDir: string) => Promise<readonly string[]>
}

/** The process of a node. */
export interface NodeProcess {
  readonly role: NodeRow['role']
  readonly pid: number
}

/** What `up` says when all nodes serve. */
interface ReadyLine {
  readonly event: 'up'
  readonly urls: readonly string[]
  readonly adminToken: string
  readonly database: string
  readonly nodes: readonly { name: NodeName; role: NodeRow['role']; pid: number }[]
}

type Line =
  | ReadyLine
  | { readonly event: 'ready' | 'exit'; readonly node: NodeName; readonly pid: number; readonly sentence: string }
  | { readonly done: string }
  | { readonly error: string }

const PROGRAM = fileURLToPath(new URL('../../bin/holdfast.js', import.meta.url))
const START_PATIENCE_MS = 90_000
const STOP_PATIENCE_MS = 15_000

/** A `holdfast up --control`: the processes of a cluster, its words, and the commands that it takes. */
export class UpProcess {
  readonly #child: ChildProcess
  readonly #dataDir: string
  readonly #kept: boolean
  readonly #pids = new Map<NodeName, NodeProcess>()
  /** Nodes whose process ended and has no successor yet that serves. */
  readonly #gone = new Set<NodeName>()
  readonly #answers: ((line: { done: string } | { error: string }) => void)[] = []
  #ready: ReadyLine | undefined
  #lastWords = ''
  #stopping: Promise<void> | undefined

  private constructor(child: ChildProcess, dataDir: string, kept: boolean) {
    this.#child = child
    this.#dataDir = dataDir
    this.#kept = kept
  }

  /** Resolves when every node serves. */
  static async start({ dataDir, chats, edges, settings, ports }: UpOptions): Promise<UpProcess> {
    const directory = dataDir ?? (await mkdtemp(join(tmpdir(), 'holdfast-chaos-')))
    const words = ['up', '--json', '--control', '--no-demo', '--data', directory]
    const size = ['--nodes', String(chats), '--edges', String(edges)]
    const child = spawn(process.execPath, [PROGRAM, ...words, ...size, ...(await ports(directory))], {
      env: { ...withoutSettings(process.env), ...settings },
      stdio: ['pipe', 'pipe', 'pipe'],
      // Out of the terminal's group: Ctrl-C comes to us, and we end the cluster in order.
      detached: true,
    })
    const up = new UpProcess(child, directory, dataDir !== undefined)
    try {
      await up.#listen()
      return up
    } catch (error) {
      await up.stop()
      throw error
    }
  }

  /** Where logs and database are. */
  get dataDir(): string {
    return this.#dataDir
  }

  /** The parent of all others. */
  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** All nodes; a node that came back has a new one. */
  get pids(): ReadonlyMap<NodeName, NodeProcess> {
    return this.#pids
  }

  /** Whether every node's process is there and serves. */
  get complete(): boolean {
    return this.#gone.size === 0
  }

  /** What it said of itself when all served. */
  get words(): Pick<ReadyLine, 'urls' | 'adminToken' | 'database'> {
    if (!this.#ready) throw new Error('The cluster is not up.')
    return this.#ready
  }

  signal(node: NodeName, signal: NodeJS.Signals): void {
    const found = this.#pids.get(node)
    if (!found) throw new Error(`There is no node called ${node}.`)
    process.kill(found.pid, signal)
  }

  /** Resolves when it is done. */
  async command(verb: string, more: object = {}): Promise<void> {
    const answered = new Promise<{ done: string } | { error: string }>((resolve) => this.#answers.push(resolve))
    this.#child.stdin?.write(`${JSON.stringify({ verb, ...more })}\n`)
    const answer = await answered
    if ('error' in answer) throw new Error(answer.error)
  }

  /** Ends every process and removes what was temporary. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    // A stopped process cannot end.
    for (const { pid } of this.#pids.values()) signalIfAlive(pid, 'SIGCONT')
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit')
      this.#child.stdin?.end()
      const late = await Promise.race([ended.then(() => false), sleep(STOP_PATIENCE_MS, true, { ref: false })])
      if (late) {
        for (const { pid } of this.#pids.values()) signalIfAlive(pid, 'SIGKILL')
        this.#child.kill('SIGKILL')
        await ended
      }
    }
    if (!this.#kept) await rm(this.#dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }

  async #listen(): Promise<void> {
    const { stdout, stderr } = this.#child
    if (!stdout || !stderr) throw new Error('The cluster has no output.')
    this.#child.stdin?.on('error', () => {})
    createInterface({ input: stderr }).on('line', (line) => {
      this.#lastWords = line
    })
    const up = new Promise<ReadyLine>((resolve) => {
      createInterface({ input: stdout }).on('line', (text) => {
        const line = lineOf(text)
        if (line && 'event' in line && line.event === 'up') resolve(line)
        else if (line) this.#heard(line)
      })
    })
    const ended = once(this.#child, 'exit').then(() => undefined)
    const line = await Promise.race([up, ended, sleep(START_PATIENCE_MS, undefined, { ref: false })])
    if (!line) throw new Error(`The cluster did not start: ${this.#lastWords || 'it said nothing'}`)
    this.#ready = line
    for (const { name, role, pid } of line.nodes) this.#pids.set(name, { role, pid })
  }

  #heard(line: Exclude<Line, ReadyLine>): void {
    if ('event' in line) {
      const known = this.#pids.get(line.node)
      if (line.event === 'exit') this.#gone.add(line.node)
      else if (known) {
        this.#pids.set(line.node, { ...known, pid: line.pid })
        this.#gone.delete(line.node)
      }
    } else this.#answers.shift()?.(line)
  }
}

function lineOf(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line
  } catch {
    return undefined
  }
}

/** Settings of the caller's own cluster are not for this one. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('HOLDFAST_')))
}

function signalIfAlive(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended already.
  }
}
