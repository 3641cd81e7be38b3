import { readFileSync } from 'node:fs'
import { hasSocket, processIds, socketsAtPort } from '../base/tcp-sockets-node.ts'

/**
 * The node whose process has the socket on a local port: links between nodes are encrypted, so only the machine can say
 * who made one. From `/proc`: Linux only, `undefined` elsewhere and where no node has it.
 */
export function nodeAtPort(port: number): string | undefined {
  const sockets = socketsAtPort(port, 'established')
  if (sockets.size === 0) return undefined
  return processIds()
    .map((pid) => ({ pid, name: nodeNameOf(pid) }))
    .find(({ pid, name }) => name !== undefined && hasSocket(pid, sockets))?.name
}

function nodeNameOf(pid: number): string | undefined {
  try {
    return /(?:^|\0)HOLDFAST_NAME=([^\0]+)/.exec(readFileSync(`/proc/${pid}/environ`, 'utf8'))?.[1]
  } catch {
    // It ended, or it is somebody else's.
    return undefined
  }
}
