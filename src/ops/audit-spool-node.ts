import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../base/log.ts'
import type { AuditSpool, WaitingRecord } from './audit-trail.ts'

const SUFFIX = '.json'

/** One file for each record that waits, in a folder of this node's own. */
export function auditSpool(folder: string, log: Log): AuditSpool {
  const fileOf = (id: string) => join(folder, `${id}${SUFFIX}`)
  const failed = (error: unknown) => log.warn('A record of the audit trail could not be kept on this node.', { error })
  return {
    async put(waiting) {
      try {
        await mkdir(folder, { recursive: true })
        const file = fileOf(waiting.id)
        const handle = await open(`${file}.new`, 'w', 0o600)
        try {
          await handle.writeFile(JSON.stringify(waiting))
          await handle.sync()
        } finally {
          await handle.close()
        }
        await rename(`${file}.new`, file)
      } catch (error) {
        failed(error)
      }
    },
    async drop(id) {
      await rm(fileOf(id), { force: true }).catch(failed)
    },
    async all() {
      try {
        const names = (await readdir(folder)).filter((name) => name.endsWith(SUFFIX))
        return await Promise.all(
          names.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')) as WaitingRecord),
        )
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') failed(error)
        return []
      }
    },
  }
}
