import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Who listens on a TCP port of this machine: `node (process 4711)`; `undefined` where that cannot be seen. */
export function portHolder(port: number): string | undefined {
  const pid = pidFromProc(port) ?? pidFromLsof(port)
  return pid === undefined ? undefined : `${programOf(pid)} (process ${pid})`
}

const LISTENING = '0A'

/** Linux: the socket's inode from the table of sockets, the process from its open files. */
function pidFromProc(port: number): number | undefined {
  const inodes = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listeningInodes(table, port)))
  if (inodes.size === 0) return undefined
  return namesIn('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => socketsOf(pid).some((inode) => inodes.has(inode)))
}

function listeningInodes(table: string, port: number): readonly string[] {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0')
  return readText(table)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(`:${hexPort}`) && state === LISTENING)
    .flatMap((fields) => fields[9] ?? [])
}

function socketsOf(pid: number): readonly string[] {
  return namesIn(`/proc/${pid}/fd`).flatMap((name) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${name}`))?.[1] ?? []
    } catch {
      return []
    }
  })
}

function pidFromLsof(port: number): number | undefined {
  try {
    const listed = execFileSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fp'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 3000,
    })
    const pid = /^p(\d+)/m.exec(listed)?.[1]
    return pid === undefined ? undefined : Number(pid)
  } catch {
    return undefined
  }
}

function programOf(pid: number): string {
  const words = readText(`/proc/${pid}/cmdline`).split('\0').filter(Boolean)
  return words.slice(0, 3).join(' ') || 'a process'
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
