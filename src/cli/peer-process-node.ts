import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

export interface PeerProgram {
  readonly name: string
  readonly command: string
  readonly parameters: readonly string[]
  /** A line of its output that says that it serves. */
  readonly ready: RegExp
  readonly env?: Readonly<Record<string, string>>
}

const START_PATIENCE_MS = 30_000
const STOP_PATIENCE_MS = 5000
/** As `holdfast up` waits before it starts a node again. */
const RESTART_MS = 1000

/** One process of a peer, started again when it ends unasked. */
export class PeerProcess {
  readonly #program: PeerProgram
  #child: ChildProcess
  #serves: Promise<boolean>
  #ready = false
  #stopping = false
  #lastWords = ''

  private constructor(program: PeerProgram) {
    this.#program = program
    this.#child = this.#spawn()
    this.#serves = this.#listen(this.#child)
  }

  /** Resolves when it serves. */
  static async start(program: PeerProgram): Promise<PeerProcess> {
    const peer = new PeerProcess(program)
    const serves = await Promise.race([peer.#serves, sleep(START_PATIENCE_MS, false, { ref: false })])
    if (serves) return peer
    await peer.stop()
    throw new Error(`${program.name} did not start: ${peer.#lastWords || 'it said nothing'}`)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get ready(): boolean {
    return this.#ready
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  async stop(): Promise<void> {
    this.#stopping = true
    const child = this.#child
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    if (await Promise.race([ended.then(() => false), sleep(STOP_PATIENCE_MS, true, { ref: false })])) {
      child.kill('SIGKILL')
      await ended
    }
  }

  #spawn(): ChildProcess {
    const { command, parameters, env } = this.#program
    // Its standard input ends with us, however we end; out of the terminal's group: Ctrl-C is for us to pass on.
    return spawn(command, parameters, {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, ...env },
    })
  }

  async #listen(child: ChildProcess): Promise<boolean> {
    child.stdin?.on('error', () => {})
    const ended = new Promise<boolean>((resolve) => {
      child.once('error', (error) => {
        this.#lastWords = error.message
        resolve(false)
      })
      child.once('exit', () => {
        this.#ready = false
        resolve(false)
        void this.#again()
      })
    })
    const ready = new Promise<boolean>((resolve) => {
      for (const stream of [child.stdout, child.stderr])
        if (stream)
          createInterface({ input: stream }).on('line', (line) => {
            this.#lastWords = line
            if (this.#program.ready.test(line)) resolve(true)
          })
    })
    this.#ready = await Promise.race([ready, ended])
    return this.#ready
  }

  async #again(): Promise<void> {
    if (this.#stopping) return
    await sleep(RESTART_MS, undefined, { ref: false })
    if (this.#stopping) return
    this.#child = this.#spawn()
    this.#serves = this.#listen(this.#child)
  }
}

/** A port that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}
