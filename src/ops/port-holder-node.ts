import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { hasSocket, processIds, socketsAtPort } from '../base/tcp-sockets-node.ts'

/** Who listens on a TCP port of this machine: `node (process 4711)`; `undefined` where that cannot be seen. */
export function portHolder(port: number): string | undefined {
  const pid = pidFromProc(port) ?? pidFromLsof(port)
  return pid === undefined ? undefined : `${programOf(pid)} (process ${pid})`
}

function pidFromProc(port: number): number | undefined {
  const sockets = socketsAtPort(port, 'listening')
  return sockets.size === 0 ? undefined : processIds().find((pid) => hasSocket(pid, sockets))
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
  return commandLine(pid).split('\0').filter(Boolean).slice(0, 3).join(' ') || 'a process'
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}
