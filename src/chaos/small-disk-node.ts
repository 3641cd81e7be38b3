import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * Mounts a tmpfs of `megabytes` over a directory, empty and with the same owner. Needs root. Answers how to take it away
 * again, whoever still has files open on it; what lay under it is there as before.
 */
export async function mountSmallDisk(directory: string, megabytes: number): Promise<() => Promise<void>> {
  const { uid, gid } = await stat(directory)
  const options = `size=${megabytes}m,uid=${uid},gid=${gid},mode=700`
  await run('mount', ['-t', 'tmpfs', '-o', options, 'holdfast-chaos', directory])
  return async () => {
    await run('umount', ['--lazy', directory])
  }
}
