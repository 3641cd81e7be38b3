import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'

const text = Type.String({ maxLength: 2000 })
const texts = Type.Array(text, { maxItems: 100 })
const number = Type.Number()
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const port = Type.Integer({ minimum: 0, maximum: 65_535 })

/** What a node finds when it looks at itself and around itself. Times are milliseconds, sizes bytes. */
const SECTIONS = {
  publicAddress: Type.Object({ publicUrl: text, addresses: texts }),
  /** What its own port shows to whoever connects, not what it means to show. */
  certificate: Type.Object({
    tls: Type.Boolean(),
    shown: Type.Optional(Type.Object({ fingerprint: text, subject: text, beginsAtMs: number, endsAtMs: number })),
  }),
  /** The program, and what it can read: formats of events up to `formatReads`, any of `protocols` with clients. */
  program: Type.Object({ version: text, formatReads: count, protocols: Type.Array(count, { maxItems: 100 }) }),
  runtime: Type.Object({ version: text }),
  configuration: Type.Object({ revision: count, digest: text }),
  /** Machine minus database: positive where the machine is ahead. */
  databaseClock: Type.Object({ offsetMs: number, uncertaintyMs: number }),
  ports: Type.Object({
    listens: Type.Array(Type.Object({ what: text, port }), { maxItems: 10 }),
    /** Every other living node at its own addresses; without a round trip where it could not be reached. */
    reaches: Type.Array(
      Type.Object({ node: text, what: text, address: text, roundTripMs: Type.Optional(number), reason: text }),
      { maxItems: 10_000 },
    ),
  }),
  database: Type.Object({
    roundTripMs: number,
    faults: Type.Array(Type.Object({ name: text, found: text, remedy: text }), { maxItems: 100 }),
  }),
  /** Migrations: the last one that the program knows, the last one in the database, a breaking one it does not know. */
  schema: Type.Object({ knows: count, applied: count, breaking: Type.Optional(count) }),
  disk: Type.Object({ freeBytes: number, totalBytes: number }),
  masterKey: Type.Object({ state: text }),
  memory: Type.Object({ heapBytesMax: number, machineBytesMax: number, usedBytes: number }),
  /** `wanted`: what its limits allow clients to take. */
  openFiles: Type.Object({ limit: count, wanted: count }),
  /** `followed`: whether a time server is; absent where this machine does not say. */
  time: Type.Object({ zone: text, followed: Type.Optional(Type.Boolean()) }),
}

type Sections = { readonly [Name in keyof typeof SECTIONS]: Static<(typeof SECTIONS)[Name]> }
export type DoctorSection = keyof Sections

/** The answer to the question `doctor`: what could be seen, and why the rest could not. */
export interface DoctorFacts extends Partial<Sections> {
  readonly unseen: Readonly<Partial<Record<DoctorSection, string>>>
}

const CHECKS = Object.entries(SECTIONS).map(([name, schema]) => [name as DoctorSection, Compile(schema)] as const)

/**
 * What another node says of itself, which may run another version: a section that is not as this one knows it is left
 * out. `undefined`: it is no such answer at all.
 */
export function doctorFactsIn(value: unknown): DoctorFacts | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const told = value as Readonly<Record<string, unknown>>
  const unseen = typeof told.unseen === 'object' && told.unseen !== null ? { ...told.unseen } : {}
  const reasons = Object.entries(unseen).filter(([name, why]) => Object.hasOwn(SECTIONS, name) && isReason(why))
  const seen = CHECKS.filter(([name, check]) => Object.hasOwn(told, name) && check.Check(told[name]))
  return { ...Object.fromEntries(seen.map(([name]) => [name, told[name]])), unseen: Object.fromEntries(reasons) }
}

function isReason(why: unknown): boolean {
  return typeof why === 'string' && why.length <= 2000
}
