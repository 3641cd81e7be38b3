import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where findings are written, in the working directory. */
const FINDINGS = 'fuzz-findings'

/** Writes an input under a name of its own, and answers its path: the same input twice is one file. */
export function keepFinding(decoder: string, input: Uint8Array, directory = FINDINGS): string {
  mkdirSync(directory, { recursive: true })
  const file = join(directory, `${decoder}-${createHash('sha256').update(input).digest('hex').slice(0, 12)}`)
  writeFileSync(file, input)
  return file
}
