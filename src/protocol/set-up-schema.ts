import { type Static, Type } from 'typebox'
import { CertificateImportBody, CertificateIssueBody } from './certificate-schema.ts'

/** What the REST entrances of the set-up take. */
const dryRun = Type.Optional(Type.Boolean())
const line = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '^[^\\u0000-\\u001f\\u007f]*$' })

export const ReachParams = Type.Object({ nonce: Type.String({ pattern: '^[0-9a-z]{8,64}$' }) })
export type ReachParams = Static<typeof ReachParams>

/** `POST /api/set-up/address` */
export const SetUpAddressBody = Type.Object({
  publicUrl: line(200),
  /** Store it although nothing of ours answers there yet. */
  unreached: Type.Optional(Type.Boolean()),
  dryRun,
})
export type SetUpAddressBody = Static<typeof SetUpAddressBody>

/** `POST /api/set-up/certificate`: one of the three. */
export const SetUpCertificateBody = Type.Object({
  import: Type.Optional(Type.Omit(CertificateImportBody, ['dryRun'])),
  issue: Type.Optional(CertificateIssueBody),
  /** A balancer before the nodes speaks HTTPS to people. */
  balancer: Type.Optional(Type.Literal(true)),
  dryRun,
})
export type SetUpCertificateBody = Static<typeof SetUpCertificateBody>

/** `POST /api/set-up/mail`: sends a test mail, and stores the rest where it was taken. */
export const SetUpMailBody = Type.Object({
  server: line(500),
  from: line(200),
  /** Of the user in `server`. Absent: the one in the vault, for the same server and user. */
  password: Type.Optional(Type.String({ minLength: 1, maxLength: 1000 })),
  /** Who is sent the test mail. */
  to: Type.String({ maxLength: 254, pattern: '^[^<>,;\\s@]+@[^<>,;\\s@]+$' }),
  dryRun,
})
export type SetUpMailBody = Static<typeof SetUpMailBody>

/** `POST /api/set-up/skip` */
export const SetUpSkipBody = Type.Object({
  step: Type.Union([Type.Literal('address'), Type.Literal('certificate'), Type.Literal('mail'), Type.Literal('join')]),
  dryRun,
})
export type SetUpSkipBody = Static<typeof SetUpSkipBody>
