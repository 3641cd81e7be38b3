import type { DoctorSection } from '../protocol/doctor-schema.ts'

/** One thing that the doctor looks at on every node. */
export interface DoctorCheck {
  readonly title: string
  /** The part of a node's answer that it judges; absent: what the asker learns by itself. */
  readonly section?: DoctorSection
  readonly compares: string
  /** When it warns, and when it fails; empty: never. */
  readonly warning: string
  readonly failed: string
}

/** Where a check begins to warn and to fail. */
export const DOCTOR_BOUNDS = {
  clockWarningMs: 250,
  clockFailedMs: 1000,
  roundTripWarningMs: 20,
  roundTripFailedMs: 300,
  diskFreeBytesMin: 1024 ** 3,
  diskFreeShareMin: 0.05,
  nodeMajorMin: 24,
  memoryUsedShareWarning: 0.8,
  memoryUsedShareFailed: 0.95,
} as const

const { clockWarningMs, clockFailedMs, roundTripWarningMs, roundTripFailedMs, nodeMajorMin } = DOCTOR_BOUNDS

/** Every check of the doctor in a cluster. `docs/operate/doctor.md` is compared with this table. */
export const DOCTOR_CHECKS = {
  answers: {
    title: 'answers',
    compares: 'Every node of the cluster is asked.',
    warning: '',
    failed: 'a node is dead or does not answer in time',
  },
  'public-address': {
    title: 'public address',
    section: 'publicAddress',
    compares: '`publicUrl` and `addresses`, as each node runs with them.',
    warning: 'other `addresses`, or several edges without a `publicUrl`',
    failed: 'more than one `publicUrl`',
  },
  certificate: {
    title: 'certificate',
    section: 'certificate',
    compares: 'What each port really shows: fingerprint and end.',
    warning: 'it ends soon, or some edges speak TLS and others do not',
    failed: 'more than one certificate, an ended one, or none where TLS is on',
  },
  version: {
    title: 'version',
    section: 'program',
    compares: 'Version of the program, protocols and formats of events.',
    warning: 'two neighbouring versions: an upgrade is not finished',
    failed: 'versions further apart than that, or no protocol that all speak',
  },
  schema: {
    title: 'schema',
    section: 'schema',
    compares: 'The schema that each program knows, and that of the database.',
    warning: 'the database is ahead of the program',
    failed: 'the database lacks what the program needs, or was changed in a way that the program cannot follow',
  },
  runtime: {
    title: 'runtime',
    section: 'runtime',
    compares: 'The Node that each process runs on.',
    warning: 'more than one',
    failed: `older than ${nodeMajorMin}`,
  },
  configuration: {
    title: 'configuration',
    section: 'configuration',
    compares: 'Revision and digest of the central configuration.',
    warning: 'another revision',
    failed: 'the same revision with another content',
  },
  clock: {
    title: 'clock',
    compares: 'Clocks of the machines among each other, less the uncertainty of the measurement.',
    warning: `${clockWarningMs} ms and more from the middle one`,
    failed: `${clockFailedMs} ms and more`,
  },
  'database-clock': {
    title: 'database clock',
    section: 'databaseClock',
    compares: 'The clock of each machine and that of the database, less the uncertainty.',
    warning: `${clockWarningMs} ms and more apart`,
    failed: `${clockFailedMs} ms and more`,
  },
  ports: {
    title: 'ports',
    section: 'ports',
    compares: 'Each node connects to the ports of every other one.',
    warning: 'a node cannot reach the HTTP port of another one',
    failed: 'a node cannot reach the link of another one, or nobody its HTTP port',
  },
  database: {
    title: 'database',
    section: 'database',
    compares: 'Round trip and safety settings, as each node meets them.',
    warning: `a round trip of ${roundTripWarningMs} ms and more`,
    failed: `it cannot be reached, could lose what was acknowledged, or needs ${roundTripFailedMs} ms and more`,
  },
  disk: {
    title: 'disk',
    section: 'disk',
    compares: 'What is free where each data directory is.',
    warning: 'less than 5 %',
    failed: 'less than 1 GiB',
  },
  'master-key': {
    title: 'master key',
    section: 'masterKey',
    compares: 'Whether each node opens the secrets. The key itself is never told.',
    warning: 'it opens only what an earlier key sealed',
    failed: 'it opens nothing',
  },
  memory: {
    title: 'memory',
    section: 'memory',
    compares: 'What each process uses and may use.',
    warning: '80 % used, the runtime may take more than there is, or nodes of one role have very different limits',
    failed: '95 % used',
  },
  'open-files': {
    title: 'open files',
    section: 'openFiles',
    compares: 'The limit of open files, and what `limits.sockets` may need.',
    warning: 'fewer than that',
    failed: '',
  },
  time: {
    title: 'time',
    section: 'time',
    compares: 'Time zones, and whether a time server is followed, where the machine says so.',
    warning: 'several zones, or no time server',
    failed: '',
  },
} as const satisfies Record<string, DoctorCheck>

export type DoctorCheckName = keyof typeof DOCTOR_CHECKS
