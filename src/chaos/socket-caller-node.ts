import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/**
 * The node whose process has the socket on a local port: links between nodes are encrypted, so only the machine can say
 * who made one. From `/proc`: Linux only, `undefined` elsewhere and where no node has it.
 */
export function nodeAtPort(port: number): string | undefined {
  if (process.platform !== 'linux') return undefined
  const inode = inodeOf(port)
  if (inode === undefined) return undefined
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .map((pid) => nodeNameOf(pid))
    .find((node) => node && hasSocket(node.pid, inode))?.name
}

/** Field 2 of `/proc/net/tcp` is the local address, 4 the state (01: established), 10 the inode: `man 5 proc`. */
function inodeOf(port: number): string | undefined {
  const place = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n')) {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/)
    if (local?.endsWith(place) && state === '01') return inode
  }
  return undefined
}

function nodeNameOf(pid: string): { readonly pid: string; readonly name: string } | undefined {
  try {
    const name = /(?:^|\0)HOLDFAST_NAME=([^\0]+)/.exec(readFileSync(`/proc/${pid}/environ`, 'utf8'))?.[1]
    return name === undefined ? undefined : { pid, name }
  } catch {
    // It ended, or it is somebody else's.
    return undefined
  }
}

function hasSocket(pid: string, inode: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => linkOf(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`)
  } catch {
    return false
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}
