import { spawnSync } from 'node:child_process'
import { chownSync, readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** How a program is started that refuses to run as root. */
interface Unprivileged {
  /** Programs and options to put in front of the command. */
  readonly prefix: readonly string[]
  readonly uid?: number
  readonly gid?: number
  /** Makes a path the program's own. */
  own(path: string): void
}

// `nobody`, where the system has no user called postgres.
const NOBODY = 65534

/**
 * How to start `program` on the files in `folder` here: as it is for an ordinary user; as another user for root, with
 * leave to pass through folders that are root's alone (a checkout below a private folder) where it needs that. Throws a
 * sentence that says what to do where it cannot be done.
 */
export function unprivileged(program: string, folder: string): Unprivileged {
  if (process.getuid?.() !== 0) return { prefix: [], own() {} }
  const { uid, gid } = accountFor(folder)
  const own = (path: string) => chownSync(path, uid, gid)
  const closed = [program, folder].find((path) => !isOpenToAll(path))
  if (closed === undefined) return { prefix: [], uid, gid, own }
  const change = ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups']
  const pass = [...change, '--inh-caps=+dac_read_search', '--ambient-caps=+dac_read_search']
  if (works(pass)) return { prefix: pass, own }
  throw new Error(
    `PostgreSQL does not run as root, and the user it runs as cannot reach ${closed}. Install setpriv (util-linux) and allow the capability DAC_READ_SEARCH, use folders that everybody may pass through, run as an ordinary user, or give --database URL.`,
  )
}

/** Not every system has `setpriv`, not every one has all its options, and a container may forbid what they do. */
function works(prefix: readonly string[]): boolean {
  const [command = '', ...parameters] = prefix
  return spawnSync(command, [...parameters, 'true'], { stdio: 'ignore', cwd: '/' }).status === 0
}

/** Whoever owns the files already; else `postgres` where there is such a user, else `nobody`. */
function accountFor(folder: string): { uid: number; gid: number } {
  const { uid: owner, gid: group } = statSync(folder)
  if (owner !== 0) return { uid: owner, gid: group }
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((each) => each.startsWith('postgres:'))
  const [, , uid, gid] = line?.split(':') ?? []
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : { uid: NOBODY, gid: NOBODY }
}

/** Whether every folder on the way may be passed through by anybody. */
export function isOpenToAll(path: string): boolean {
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false
    if (folder === dirname(folder)) return true
  }
}
