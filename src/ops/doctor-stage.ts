import { ManualClock } from '../base/manual-clock.ts'
import type { DoctorFacts, DoctorSection } from '../protocol/doctor-schema.ts'
import type { DoctorCheckName } from './doctor-catalogue.ts'
import type { DoctorFault } from './doctor-view-decision.ts'

const DAY_MS = 86_400_000
/** When the clocks of stages begin. */
export const BEGINNING_MS = new ManualClock().wallMs()
const GIBIBYTE = 1024 ** 3

/** What a node answers that is as it should be, for tests of the doctor. */
export function soundFacts(more: Partial<DoctorFacts> = {}): DoctorFacts {
  return {
    publicAddress: { publicUrl: 'https://chat.example.com', addresses: [] },
    certificate: { tls: true, shown: certificate('aa') },
    program: { version: '1.4.2', formatReads: 2, protocols: [1] },
    runtime: { version: '24.1.0' },
    configuration: { revision: 7, digest: 'd7' },
    databaseClock: { offsetMs: 3, uncertaintyMs: 1 },
    ports: { listens: [{ what: 'HTTP', port: 8400 }], reaches: [] },
    database: { roundTripMs: 0.4, faults: [] },
    schema: { knows: 15, applied: 15 },
    disk: { freeBytes: 50 * GIBIBYTE, totalBytes: 100 * GIBIBYTE },
    masterKey: { state: 'newest' },
    memory: { heapBytesMax: 4 * GIBIBYTE, machineBytesMax: 8 * GIBIBYTE, usedBytes: GIBIBYTE },
    openFiles: { limit: 65_536, wanted: 20_512 },
    time: { zone: 'UTC', followed: true },
    unseen: {},
    ...more,
  }
}

export function certificate(fingerprint: string, daysLeft = 300) {
  const [beginsAtMs, endsAtMs] = [BEGINNING_MS - 300 * DAY_MS, BEGINNING_MS + daysLeft * DAY_MS]
  return { fingerprint, subject: 'CN=chat.example.com', beginsAtMs, endsAtMs }
}

/** What one node says that differs from what all others say, and what must be found. */
export interface Deviation {
  readonly facts: Partial<DoctorFacts>
  readonly check: DoctorCheckName
  readonly severity: DoctorFault['severity']
  readonly sentence: RegExp
}

/** For every fact a node that deviates in it. */
export const DEVIATIONS: Readonly<Record<DoctorSection, Deviation>> = {
  publicAddress: {
    facts: { publicAddress: { publicUrl: 'https://other.example.com', addresses: [] } },
    check: 'public-address',
    severity: 'failed',
    sentence: /n2: publicUrl is https:\/\/other\.example\.com, elsewhere https:\/\/chat\.example\.com\./,
  },
  certificate: {
    facts: { certificate: { tls: true, shown: certificate('bb') } },
    check: 'certificate',
    severity: 'failed',
    sentence: /n2: the port shows certificate bb, elsewhere aa\./,
  },
  program: {
    facts: { program: { version: '1.3.9', formatReads: 2, protocols: [1] } },
    check: 'version',
    severity: 'warning',
    sentence: /n2: the program is version 1\.3\.9, elsewhere 1\.4\.2\./,
  },
  runtime: {
    facts: { runtime: { version: '24.0.0' } },
    check: 'runtime',
    severity: 'warning',
    sentence: /n2: Node is 24\.0\.0, elsewhere 24\.1\.0\./,
  },
  configuration: {
    facts: { configuration: { revision: 7, digest: 'another' } },
    check: 'configuration',
    severity: 'failed',
    sentence: /n2: revision 7 has the digest another, elsewhere d7\./,
  },
  databaseClock: {
    facts: { databaseClock: { offsetMs: -5000, uncertaintyMs: 1 } },
    check: 'database-clock',
    severity: 'failed',
    sentence: /n2: the clock is 5000 ms \(± 1\) behind that of the database\./,
  },
  ports: {
    facts: {
      ports: {
        listens: [{ what: 'HTTP', port: 8400 }],
        reaches: [{ node: 'n1', what: 'link', address: 'n1:9000', reason: 'ECONNREFUSED' }],
      },
    },
    check: 'ports',
    severity: 'failed',
    sentence: /n1: its link port at n1:9000 cannot be reached from n2 \(ECONNREFUSED\)\./,
  },
  database: {
    facts: { database: { roundTripMs: 1, faults: [{ name: 'fsync', found: 'off', remedy: 'Set fsync = on.' }] } },
    check: 'database',
    severity: 'failed',
    sentence: /n2: fsync is off\./,
  },
  schema: {
    facts: { schema: { knows: 14, applied: 15 } },
    check: 'schema',
    severity: 'warning',
    sentence: /n2: the program knows migrations up to 14, the database has 15\./,
  },
  disk: {
    facts: { disk: { freeBytes: GIBIBYTE / 2, totalBytes: 100 * GIBIBYTE } },
    check: 'disk',
    severity: 'failed',
    sentence: /n2: 0\.5 GiB free .* \(0\.5 %\)\./,
  },
  masterKey: {
    facts: { masterKey: { state: 'none' } },
    check: 'master-key',
    severity: 'failed',
    sentence: /n2: no master key of it opens the secrets\./,
  },
  memory: {
    facts: { memory: { heapBytesMax: GIBIBYTE, machineBytesMax: 8 * GIBIBYTE, usedBytes: GIBIBYTE } },
    check: 'memory',
    severity: 'warning',
    sentence: /n2: the runtime may take less than half of the 4\.0 GiB of other nodes with role chat\./,
  },
  openFiles: {
    facts: { openFiles: { limit: 1024, wanted: 20_512 } },
    check: 'open-files',
    severity: 'warning',
    sentence: /n2: 1024 files may be open, limits\.sockets may need 20512\./,
  },
  time: {
    facts: { time: { zone: 'Europe/Berlin', followed: true } },
    check: 'time',
    severity: 'warning',
    sentence: /n2: the time zone is Europe\/Berlin, elsewhere UTC\./,
  },
}
