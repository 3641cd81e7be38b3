import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Another `holdfast up` uses this data directory. */
export class DirectoryInUse extends Error {
  override readonly name = 'DirectoryInUse'
}

/** What `holdfast up` tells other commands about the cluster that it runs: `<data>/cluster.json`. */
export interface ClusterFile {
  readonly pid: number
  readonly publicUrl: string
  readonly urls: readonly string[]
  readonly adminTokenFile: string
  readonly agentTokenFile: string
  readonly database: string
  /** What the nodes show, where they speak TLS: a client that has it may trust it. */
  readonly certificateFile?: string
  readonly nodes: readonly {
    readonly name: string
    readonly role: string
    readonly pid: number
    readonly url: string
  }[]
}

/** What a node shows to its clients, in its data directory. */
export const CERTIFICATE_FILE = 'certificate.pem'

const PRIVATE = { mode: 0o600 } as const
const LOG_BYTES_MAX = 32 * 1024 * 1024

/** The files of `holdfast up`: secret, tokens, logs, the lock, and what tells other commands where the cluster is. */
export class DataDirectory {
  readonly path: string

  constructor(path: string) {
    this.path = resolve(path)
  }

  /** Takes the directory for this process. Throws `DirectoryInUse` while the process that has it lives. */
  lock(): void {
    mkdirSync(join(this.path, 'logs'), { recursive: true })
    mkdirSync(join(this.path, 'nodes'), { recursive: true })
    const holder = Number(readIfThere(this.#file('up.pid')))
    if (holder && holder !== process.pid && isHoldfast(holder)) {
      const { publicUrl } = readClusterFile(this.path) ?? {}
      throw new DirectoryInUse(
        `Holdfast is up on ${this.path} already (process ${holder}${publicUrl ? `, ${publicUrl}` : ''}). Use that one, end it with \`kill ${holder}\`, or give --data another directory.`,
      )
    }
    writeFileSync(this.#file('up.pid'), `${process.pid}\n`)
  }

  unlock(): void {
    for (const name of ['cluster.json', 'up.pid']) rmSync(this.#file(name), { force: true })
  }

  /** The secret of this cluster, made at the first start. */
  secret(): string {
    const file = this.#file('secret')
    const kept = readIfThere(file).trim()
    if (kept) return kept
    const made = randomBytes(32).toString('base64url')
    writeFileSync(file, `${made}\n`, PRIVATE)
    return made
  }

  /** Keeps a token for the commands of whoever may read this directory; answers the file. */
  keepToken(name: string, token: string): string {
    const file = this.#file(`${name}.token`)
    writeInOneStep(file, `${token}\n`)
    return file
  }

  /** Texts that only whoever may read this directory shall have; `undefined`: none were kept. */
  keepPrivate(name: string, text: string): void {
    writeInOneStep(this.#file(name), text)
  }

  keptPrivate(name: string): string | undefined {
    return readIfThere(this.#file(name)) || undefined
  }

  describe(cluster: ClusterFile): void {
    writeInOneStep(this.#file('cluster.json'), `${JSON.stringify(cluster, null, 2)}\n`)
  }

  nodeDirectory(node: string): string {
    return join(this.path, 'nodes', node)
  }

  logFile(node: string): string {
    return join(this.path, 'logs', `${node}.log`)
  }

  /** A file that a child's output goes to by itself, so that no line is lost with its parent. One old file is kept. */
  openLog(node: string): { descriptor: number; close: () => void } {
    const file = this.logFile(node)
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LOG_BYTES_MAX) renameSync(file, `${file}.old`)
    const descriptor = openSync(file, 'a', 0o600)
    return { descriptor, close: () => closeSync(descriptor) }
  }

  /** The last lines that a node wrote, for whoever wonders why it did not start. */
  lastLines(node: string, count: number): string {
    return readIfThere(this.logFile(node)).trimEnd().split('\n').slice(-count).join('\n')
  }

  #file(name: string): string {
    return join(this.path, name)
  }
}

/** The cluster that runs on a data directory; `undefined` where none does. */
export function readClusterFile(directory: string): ClusterFile | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, 'cluster.json'), 'utf8')) as ClusterFile
  } catch {
    return undefined
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function writeInOneStep(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, PRIVATE)
  renameSync(`${file}.new`, file)
}

/** Whether the process lives and is one of ours: the system gives the numbers of dead processes to others. */
function isHoldfast(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  const words = readIfThere(`/proc/${pid}/cmdline`)
  return words === '' || words.includes('holdfast') || words.includes('node')
}
