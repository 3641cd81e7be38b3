import { type Static, Type } from 'typebox'

/** What the REST entrances of the public certificate take. All need the scope `admin`. */
const passphrase = Type.String({ maxLength: 1024 })
// What goes out is protected by nothing else.
const newPassphrase = Type.String({ minLength: 8, maxLength: 1024 })
const host = Type.String({ pattern: '^[A-Za-z0-9*]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?$' })

/** `POST /api/certificate/import`: PEM (certificates and key, in one text or two), or a PFX file. */
export const CertificateImportBody = Type.Object({
  pem: Type.Optional(Type.String({ minLength: 1 })),
  /** The private key, where it is not in `pem`. */
  key: Type.Optional(Type.String({ minLength: 1 })),
  /** Base64. */
  pfx: Type.Optional(Type.String({ minLength: 1, pattern: '^[A-Za-z0-9+/]+=*$' })),
  /** Of the PFX file, or of an encrypted private key. */
  passphrase: Type.Optional(passphrase),
  /** Says what is wrong, and stores nothing. */
  dryRun: Type.Optional(Type.Boolean()),
})
export type CertificateImportBody = Static<typeof CertificateImportBody>

/** `POST /api/certificate/export`. */
export const CertificateExportBody = Type.Object({
  format: Type.Union([Type.Literal('pem'), Type.Literal('pfx')]),
  /** Without it, only the certificates are given. */
  privateKey: Type.Optional(Type.Boolean()),
  /** Encrypts the private key. */
  passphrase: Type.Optional(newPassphrase),
})
export type CertificateExportBody = Static<typeof CertificateExportBody>

/** `POST /api/certificate/issue`: a certificate of an authority, now and whenever the last one nears its end. */
export const CertificateIssueBody = Type.Object({
  /** Absent: the host of the public address. */
  names: Type.Optional(Type.Array(host, { minItems: 1, maxItems: 100, uniqueItems: true })),
  /** Whom the authority tells of what concerns the account. */
  email: Type.Optional(Type.String({ pattern: '^[^@\\s]+@[^@\\s]+$', maxLength: 254 })),
  /** Where the authority describes itself. Absent: Let’s Encrypt. */
  directory: Type.Optional(Type.String({ pattern: '^https://[^\\s]+$', maxLength: 1000 })),
  /** The operator has read the terms of the authority. */
  agreeTerms: Type.Boolean(),
})
export type CertificateIssueBody = Static<typeof CertificateIssueBody>

export const AcmeChallengeParams = Type.Object({ token: Type.String({ pattern: '^[A-Za-z0-9_-]{1,256}$' }) })
export type AcmeChallengeParams = Static<typeof AcmeChallengeParams>
