import { createHash } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import type { Log } from '../base/log.ts'
import type { StoredConfiguration } from '../store/config-store.ts'
import type { ConfigCache } from './config-keeper.ts'

const DIGEST_LENGTH = 16

/** Keeps the last known configuration in a file; a crash while it is written leaves the one before. */
export function configCache(file: string, log: Log): ConfigCache {
  return {
    async read() {
      try {
        return JSON.parse(await readFile(file, 'utf8')) as StoredConfiguration
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
          log.warn('The last known configuration cannot be read.', { file, error: String(error) })
        return undefined
      }
    },
    async write(configuration) {
      try {
        await writeFile(`${file}.new`, JSON.stringify(configuration), { mode: 0o600 })
        await rename(`${file}.new`, file)
      } catch (error) {
        log.warn('The configuration could not be kept for the next start.', { file, error: String(error) })
      }
    },
  }
}

/** The first 64 bits of SHA-256, in hexadecimal: to compare, not to prove. */
export function configDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, DIGEST_LENGTH)
}
