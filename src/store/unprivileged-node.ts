import { spawnSync } from 'node:child_process'
import { chownSync, readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** How a program is started that refuses to run as root. */
export interface Unprivileged {
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
 * How to start PostgreSQL here: as it is for an ordinary user; as another user for root, with leave to pass through
 * folders that are root's alone (a checkout below a private folder) where `paths` need it. Throws a sentence that says
 * what to do where that cannot be done.
 */
export function unprivileged(paths: readonly string[]): Unprivileged {
  const setpriv = hasSetpriv()
  // The server stops when its parent is gone, however that went: SIGINT is its fast shutdown.
  const leash = setpriv ? ['setpriv', '--pdeathsig', 'SIGINT'] : []
  if (process.getuid?.() !== 0) return { prefix: leash, own() {} }
  const { uid, gid } = postgresUser()
  const own = (path: string) => chownSync(path, uid, gid)
  if (setpriv) {
    const change = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups']
    const pass = paths.every((path) => isOpenToAll(path))
      ? []
      : ['--inh-caps=+dac_read_search', '--ambient-caps=+dac_read_search']
    return { prefix: [...leash, ...change, ...pass], own }
  }
  const closed = paths.find((path) => !isOpenToAll(path))
  if (closed !== undefined)
    throw new Error(
      `PostgreSQL does not run as root, and the user it runs as cannot reach ${closed}. Install setpriv (util-linux), use folders that everybody may pass through, run as an ordinary user, or give --database URL.`,
    )
  return { prefix: [], uid, gid, own }
}

function hasSetpriv(): boolean {
  return process.platform === 'linux' && spawnSync('setpriv', ['--version'], { stdio: 'ignore' }).status === 0
}

function postgresUser(): { uid: number; gid: number } {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((each) => each.startsWith('postgres:'))
  const [, , uid, gid] = line?.split(':') ?? []
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : { uid: NOBODY, gid: NOBODY }
}

/** Whether every folder on the way may be passed through by anybody. */
function isOpenToAll(path: string): boolean {
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false
    if (folder === dirname(folder)) return true
  }
}
