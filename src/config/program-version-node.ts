import { readFileSync } from 'node:fs'

/** The version in the package file, which every node tells the others. */
export const PROGRAM_VERSION: string = versionIn(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

function versionIn(packageFile: string): string {
  const { version } = JSON.parse(packageFile) as { version?: unknown }
  return typeof version === 'string' ? version : 'unknown'
}
