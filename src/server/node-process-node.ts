import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { NodeName } from '../base/ids.ts'
import type { NodeRow } from '../protocol/rest-answers.ts'
import type { DataDirectory } from './data-directory-node.ts'
import type { MessageToNode, MessageToParent } from './parent-process-node.ts'

/** What a process of a cluster is for: clients, conversations, or both. */
export type ProcessRole = Exclude<NodeRow['role'], 'backup'>

interface NodeProcessOptions {
  readonly name: NodeName
  readonly role: ProcessRole
  readonly directory: DataDirectory
  /** Its settings. */
  readonly env: Readonly<Record<string, string>>
  /** A request of the node: an operator pressed a button on its page. */
  readonly asked: (message: Exclude<MessageToParent, { verb: 'ready' }>) => void
  readonly exited: (how: string, wasReady: boolean) => void
}

/** The launcher, from the sources and from the built program alike. */
const LAUNCHER = ['../../bin/holdfast.js', '../../../bin/holdfast.js']
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((path) => existsSync(path))

// Memory for what lives shortly, in MiB: begun with a few, a busy node spends its time collecting and waits longest then.
const RUNTIME_OPTIONS = ['--min-semi-space-size=16']

/** One run of one node as a child process. */
export class NodeProcess {
  readonly name: NodeName
  readonly role: ProcessRole
  readonly startedAtMs: number
  #child: ChildProcess
  #url = ''
  #wakeUp: NodeJS.Timeout | undefined
  readonly #ready: Promise<boolean>

  constructor(options: NodeProcessOptions) {
    this.name = options.name
    this.role = options.role
    this.startedAtMs = performance.now()
    const child = startChild(options)
    this.#child = child
    const { promise, resolve } = Promise.withResolvers<boolean>()
    this.#ready = promise
    child.on('message', (message: MessageToParent) => {
      if (message.verb !== 'ready') return options.asked(message)
      this.#url = message.httpUrl
      resolve(true)
    })
    child.once('error', () => {})
    child.once('exit', (code, signal) => {
      clearTimeout(this.#wakeUp)
      resolve(false)
      options.exited(signal ?? `exit ${code}`, this.#url !== '')
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Empty until it is ready. */
  get url(): string {
    return this.#url
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Resolves `false` when the process ended before it served. */
  ready(): Promise<boolean> {
    return this.#ready
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** SIGSTOP, and SIGCONT after `forMs`. */
  pause(forMs: number): void {
    clearTimeout(this.#wakeUp)
    this.#child.kill('SIGSTOP')
    this.#wakeUp = setTimeout(() => this.#child.kill('SIGCONT'), forMs)
  }

  /** Asks the node to end without a drain; kills it when it did not within `patienceMs`. */
  async end(patienceMs: number): Promise<void> {
    if (!this.running) return
    const exited = once(this.#child, 'exit')
    const stop: MessageToNode = { verb: 'stop' }
    if (this.#child.connected) this.#child.send(stop, () => {})
    this.#child.kill('SIGCONT')
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), patienceMs)
    await exited
    clearTimeout(timer)
  }
}

function startChild({ name, directory, env }: NodeProcessOptions): ChildProcess {
  if (!LAUNCHER) throw new Error('bin/holdfast.js is not where it should be.')
  const log = directory.openLog(name)
  const inherited = Object.entries(process.env).filter(([variable]) => !variable.startsWith('HOLDFAST_'))
  try {
    return spawn(process.execPath, [...RUNTIME_OPTIONS, LAUNCHER, 'serve'], {
      env: { ...Object.fromEntries(inherited), ...env },
      stdio: ['ignore', log.descriptor, log.descriptor, 'ipc'],
      // Out of the terminal's group: Ctrl-C is for the supervisor, which ends the nodes in order.
      detached: true,
    })
  } finally {
    log.close()
  }
}
