import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** States of a socket as `/proc/net/tcp` writes them. */
const STATES = { established: '01', listening: '0A' } as const

/**
 * The inodes of this machine's sockets in a state at a local TCP port: what tells processes by `hasSocket`. None where
 * the system is not Linux.
 */
export function socketsAtPort(port: number, state: keyof typeof STATES): ReadonlySet<string> {
  const place = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => inodesIn(table, place, STATES[state])))
}

/** The ids of all processes that can be seen. */
export function processIds(): readonly number[] {
  return namesIn('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

/** Whether a process has one of these sockets open; not so, too, where we may not look. */
export function hasSocket(pid: number, inodes: ReadonlySet<string>): boolean {
  return namesIn(`/proc/${pid}/fd`).some((name) => {
    const inode = /^socket:\[(\d+)\]$/.exec(linkAt(`/proc/${pid}/fd/${name}`))?.[1]
    return inode !== undefined && inodes.has(inode)
  })
}

/** Field 2 is the local address, 4 the state, 10 the inode: `man 5 proc`. */
function inodesIn(table: string, place: string, wanted: string): readonly string[] {
  return textOf(table)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(place) && state === wanted)
    .flatMap((fields) => fields[9] ?? [])
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

function linkAt(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
