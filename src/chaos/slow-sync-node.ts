import { spawn } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const ATTACH_PATIENCE_MS = 3000

/**
 * Makes every fdatasync of a PostgreSQL server take that much longer, by strace in the kernel's call. Answers how to let
 * it go again; `undefined` where there is no strace, or it may not attach to the server.
 */
export async function delaySyncs(dataDir: string, delayMs: number): Promise<(() => Promise<void>) | undefined> {
  const pids = await processesOf(dataDir)
  const inject = `inject=fdatasync:delay_enter=${Math.round(delayMs * 1000)}`
  const words = ['-f', '-e', 'trace=fdatasync', '-e', inject, '-o', '/dev/null', ...pids.flatMap((pid) => ['-p', pid])]
  const strace = spawn('strace', words, { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise<void>((resolve) => {
    strace.once('error', () => resolve())
    strace.once('exit', () => resolve())
  })
  let attached = 0
  const all = new Promise<true>((resolve) => {
    createInterface({ input: strace.stderr }).on('line', (line) => {
      if (/ attached/.test(line)) attached += 1
      if (attached === pids.length) resolve(true)
    })
  })
  const patience = AbortSignal.timeout(ATTACH_PATIENCE_MS)
  const late = new Promise<undefined>((resolve) => patience.addEventListener('abort', () => resolve(undefined)))
  const release = async () => {
    strace.kill('SIGTERM')
    await ended
  }
  if (await Promise.race([all, ended, late])) return release
  await release()
  return undefined
}

/** The server and its children, as text. New ones are followed by themselves. */
async function processesOf(dataDir: string): Promise<readonly string[]> {
  const [server = ''] = (await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')
  const threads = await readdir(join('/proc', server, 'task'))
  const children = await Promise.all(
    threads.map((id) => readFile(join('/proc', server, 'task', id, 'children'), 'utf8')),
  )
  return [server, ...children.flatMap((line) => line.trim().split(' ')).filter(Boolean)]
}
