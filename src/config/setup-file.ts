import { type Static, Type } from 'typebox'
import type { FieldFault } from './config-kind.ts'
import { Configuration } from './configuration.ts'
import { type Place, readDocumentText } from './document-text.ts'
import { fieldJudge } from './field-faults.ts'
import { CLUSTER_SETTINGS } from './kinds/settings-document.ts'

const text = (more: object = {}) =>
  Type.String({
    minLength: 1,
    maxLength: 500,
    pattern: '^[^\\u0000-\\u001f\\u007f]*$',
    allowed: 'one line',
    ...more,
  })
const address = () => text({ pattern: '^[^<>,;\\s@]+@[^<>,;\\s@]+$', allowed: 'one address such as ada@example.com' })
const strict = { additionalProperties: false }
const skip = Type.Optional(Type.Literal(true))

/** Where a secret stands: this file holds none. */
const secret = Type.Object({ env: Type.Optional(text()), file: Type.Optional(text()) }, strict)
export type SecretReference = Static<typeof secret>

/** The set-up as a file: each step that stands in it is taken or left out, all others stay as they are. */
const SETUP_FILE = Type.Object(
  {
    address: Type.Optional(
      Type.Object({ publicUrl: Type.Optional(text()), unreached: Type.Optional(Type.Boolean()), skip }, strict),
    ),
    certificate: Type.Optional(
      Type.Object(
        {
          files: Type.Optional(Type.Array(text(), { minItems: 1, maxItems: 4 })),
          passphrase: Type.Optional(secret),
          issue: Type.Optional(
            Type.Object(
              {
                agreeTerms: Type.Boolean(),
                email: Type.Optional(address()),
                names: Type.Optional(Type.Array(text(), { minItems: 1, maxItems: 100 })),
                directory: Type.Optional(text()),
              },
              strict,
            ),
          ),
          balancer: Type.Optional(Type.Literal(true)),
          skip,
        },
        strict,
      ),
    ),
    mail: Type.Optional(
      Type.Object(
        {
          server: Type.Optional(text()),
          from: Type.Optional(text()),
          password: Type.Optional(secret),
          testTo: Type.Optional(address()),
          skip,
        },
        strict,
      ),
    ),
    administrator: Type.Optional(
      Type.Object(
        {
          name: text({
            pattern: '^[a-z0-9][a-z0-9._@+-]{0,62}$',
            allowed: 'small letters, digits and . _ @ + -, at most 63',
          }),
          displayName: Type.Optional(text({ maxLength: 64 })),
          password: secret,
        },
        strict,
      ),
    ),
    join: Type.Optional(Type.Object({ skip: Type.Literal(true) }, strict)),
  },
  strict,
)
export type SetupFile = Static<typeof SETUP_FILE>

/** What is wrong with a set-up file, and where. */
export type SetupFault = FieldFault & Place

export type ReadSetupFile =
  | { readonly kind: 'read'; readonly file: SetupFile; placeOf(field: string): Place }
  | { readonly kind: 'faults'; readonly faults: readonly SetupFault[] }

const SECRET_FIELDS = ['certificate.passphrase', 'mail.password', 'administrator.password']
const WAYS = {
  address: ['publicUrl', 'skip'],
  certificate: ['files', 'issue', 'balancer', 'skip'],
  mail: ['server', 'skip'],
} as const

/** Reads a set-up file and judges it whole. */
export function readSetupFile(content: string): ReadSetupFile {
  const read = readDocumentText(content)
  if (read.kind === 'unreadable') return { kind: 'faults', faults: read.faults }
  const judge = fieldJudge(SETUP_FILE)
  const open = openSecrets(read.value)
  const formal = judge(read.value).filter(({ field }) => !open.some((fault) => fault.field === field))
  const faults = [...open, ...formal]
  const all = faults.length > 0 ? faults : meaningFaults(read.value as SetupFile)
  if (all.length === 0) return { kind: 'read', file: read.value as SetupFile, placeOf: read.placeOf }
  return { kind: 'faults', faults: all.map((fault) => ({ ...fault, ...read.placeOf(fault.field) })) }
}

/** A secret that was written out is told apart from other texts in the wrong place: it must be changed now. */
function openSecrets(value: unknown): readonly FieldFault[] {
  return SECRET_FIELDS.filter((field) => typeof valueAt(value, field) === 'string').map((field) => ({
    field,
    sentence: 'A secret does not stand in this file: say where it is, { env: NAME } or { file: path }.',
  }))
}

function meaningFaults(file: SetupFile): readonly FieldFault[] {
  const { address: wanted, mail } = file
  const faults: FieldFault[] = []
  for (const [step, ways] of Object.entries(WAYS)) {
    const fields = valueAt(file, step) as object | undefined
    if (!fields) continue
    const taken = ways.filter((way) => way in fields)
    if (taken.length !== 1) faults.push({ field: step, sentence: `This needs one of ${ways.join(', ')}.` })
  }
  for (const field of ['from', 'testTo'] as const)
    if (mail?.server !== undefined && mail[field] === undefined)
      faults.push({ field: `mail.${field}`, sentence: 'This field is missing.' })
  for (const field of SECRET_FIELDS) {
    const reference = valueAt(file, field) as SecretReference | undefined
    if (reference && (reference.env === undefined) === (reference.file === undefined))
      faults.push({ field, sentence: 'This needs one of env, file.' })
  }
  if (faults.length > 0) return faults
  const settings = {
    ...(wanted?.publicUrl !== undefined && { publicUrl: wanted.publicUrl }),
    ...(mail?.server !== undefined && { mailServer: mail.server }),
    ...(mail?.from !== undefined && { mailFrom: mail.from }),
  }
  // Judged as the document will be in which they are stored.
  const found = CLUSTER_SETTINGS.check?.(settings as never, new Configuration(0)) ?? []
  return found.map(({ field, sentence }) => ({ field: PLACES[field] ?? field, sentence }))
}

const PLACES: Readonly<Record<string, string>> = {
  publicUrl: 'address.publicUrl',
  mailServer: 'mail.server',
  mailFrom: 'mail.from',
}

function valueAt(value: unknown, field: string): unknown {
  return field
    .split('.')
    .reduce<unknown>(
      (part, name) => (typeof part === 'object' && part !== null ? Reflect.get(part, name) : undefined),
      value,
    )
}
