import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { builtPages } from './page-build-node.ts'

const PROGRAM = join(import.meta.dirname, '..', 'server', 'http-stage-process-node.ts')

/** A node without a cluster, on stores in memory and a clock that the test drives, which serves the built pages. */
export interface StageProcess {
  readonly url: string
  makeAccount(account: { name: string; roles: readonly string[]; password: string }): Promise<void>
  /** Lets time pass for the node. */
  pass(ms: number): Promise<void>
  stop(): Promise<void>
}

/** Starts it as a process of its own: pages import nothing of the server. */
export async function startStage(): Promise<StageProcess> {
  const child = spawn(process.execPath, [PROGRAM, await builtPages()], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async (): Promise<unknown> => {
    const { value, done } = await lines.next()
    if (done) throw new Error('The stage ended.')
    return JSON.parse(value)
  }
  const ask = async (line: object) => {
    child.stdin.write(`${JSON.stringify(line)}\n`)
    await answer()
  }
  const { url } = (await answer()) as { url: string }
  return {
    url,
    makeAccount: (account) => ask({ account }),
    pass: (passMs) => ask({ passMs }),
    async stop() {
      child.stdin.end()
      await ended
    },
  }
}
