import { spawn } from 'node:child_process'

/**
 * Ends a process (SIGINT) when this one is gone, however that went: a shell waits for the end of its input, which the
 * system brings about. It is out of the terminal's group, and of ours. Answers how to let the process off; that must be
 * done as soon as it ended, because its number may be given to another one.
 */
export function leash(pid: number): () => void {
  const watcher = spawn('/bin/sh', ['-c', 'read _; kill -INT "$0"', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
    detached: true,
  })
  // Where there is no shell the process is ended by whoever stops us in order, and outlives a kill.
  watcher.on('error', () => {})
  watcher.stdin.on('error', () => {})
  watcher.unref()
  return () => void watcher.kill('SIGKILL')
}
