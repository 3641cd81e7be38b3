import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { readSetupFile, type SecretReference, type SetupFault, type SetupFile } from '../config/setup-file.ts'
import { UsageError } from './verb.ts'

/** What a set-up file wants of each step, with its secrets read; a step that is not in it is absent. */
export interface SetupPlan {
  readonly address?: Skip | { readonly publicUrl: string; readonly unreached?: boolean }
  readonly certificate?: Skip | { readonly import: object } | { readonly issue: object } | { readonly balancer: true }
  readonly mail?:
    | Skip
    | { readonly server: string; readonly from: string; readonly to: string; readonly password?: string }
  readonly account?: { readonly name: string; readonly displayName?: string; readonly password: string }
  readonly join?: Skip
}

/** A step that the file leaves out. */
type Skip = { readonly skip: true }

/** A set-up file cannot be used; all that is wrong with it, where it stands. */
export class InvalidSetupFile extends Error {
  override readonly name = 'InvalidSetupFile'
  readonly faults: readonly SetupFault[]

  constructor(path: string, faults: readonly SetupFault[]) {
    const lines = faults.map(
      ({ line, column, field, sentence }) => `${path}:${line}:${column}: ${field && `${field}: `}${sentence}`,
    )
    super(lines.join('\n'))
    this.faults = faults
  }
}

/** Reads a set-up file and everything that it names: secrets from the environment and from files, certificates. */
export function readSetupPlan(path: string, env: Readonly<Record<string, string | undefined>>): SetupPlan {
  const read = readSetupFile(contentOf(path))
  if (read.kind === 'faults') throw new InvalidSetupFile(path, read.faults)
  const faults: SetupFault[] = []
  const folder = dirname(resolve(path))
  const fault = (field: string, sentence: string) => {
    faults.push({ field, sentence, ...read.placeOf(field) })
    return ''
  }
  const bytesIn = (field: string, file: string): Buffer => {
    try {
      return readFileSync(resolve(folder, file))
    } catch {
      fault(field, `The file ${file} cannot be read.`)
      return Buffer.alloc(0)
    }
  }
  const secretAt = (field: string, { env: name, file = '' }: SecretReference): string => {
    if (name !== undefined) return env[name] || fault(field, `${name} is not set in the environment.`)
    const [line = ''] = bytesIn(field, file).toString('utf8').split(/\r?\n/)
    return line === '' && !faults.some((each) => each.field === field) ? fault(field, `${file} is empty.`) : line
  }
  const plan = planOf(read.file, secretAt, bytesIn)
  if (faults.length > 0) throw new InvalidSetupFile(path, faults)
  return plan
}

type SecretAt = (field: string, reference: SecretReference) => string
type BytesIn = (field: string, file: string) => Buffer

function planOf({ address, certificate, mail, administrator, join }: SetupFile, secretAt: SecretAt, bytesIn: BytesIn) {
  const plan: SetupPlan = {
    ...(address && { address: address.skip ? SKIP : { ...address, publicUrl: address.publicUrl ?? '' } }),
    ...(certificate && { certificate: certificatePlan(certificate, secretAt, bytesIn) }),
    ...(mail && { mail: mailPlan(mail, secretAt) }),
    ...(administrator && {
      account: { ...administrator, password: secretAt('administrator.password', administrator.password) },
    }),
    ...(join && { join: SKIP }),
  }
  return plan
}

const SKIP: Skip = { skip: true }

function certificatePlan(
  { files, passphrase: reference, issue, balancer }: NonNullable<SetupFile['certificate']>,
  secretAt: SecretAt,
  bytesIn: BytesIn,
): NonNullable<SetupPlan['certificate']> {
  if (issue) return { issue }
  if (balancer) return { balancer }
  if (!files) return SKIP
  const passphrase = reference && { passphrase: secretAt('certificate.passphrase', reference) }
  const read = files.map((file, index) => ({ file, bytes: bytesIn(`certificate.files.${index}`, file) }))
  const pfx = read.find(({ file }) => /\.(?:pfx|p12)$/i.test(file))
  if (pfx) return { import: { pfx: pfx.bytes.toString('base64'), ...passphrase } }
  return { import: { pem: read.map(({ bytes }) => bytes.toString('utf8')).join('\n'), ...passphrase } }
}

function mailPlan({ server, from = '', password, testTo = '' }: NonNullable<SetupFile['mail']>, secretAt: SecretAt) {
  if (server === undefined) return SKIP
  return { server, from, to: testTo, ...(password && { password: secretAt('mail.password', password) }) }
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw new UsageError(`The file ${path} cannot be read.`)
  }
}
