import type { NodeName } from '../base/ids.ts'

/** One of those that are sent to clients. */
export interface ChainRow {
  readonly subject: string
  readonly issuer: string
  readonly endsAt: number
  readonly fingerprint: string
}

/** What the REST entrances of the public certificate answer. Times are milliseconds since 1970. */
export interface CertificateRow {
  readonly version: number
  readonly source: 'imported' | 'issued' | 'self-signed'
  /** Who stored it: the subject of a token, or the host of an authority. */
  readonly by: string
  readonly at: number
  readonly subject: string
  readonly issuer: string
  readonly names: readonly string[]
  readonly beginsAt: number
  readonly endsAt: number
  readonly daysLeft: number
  /** `renew`: a renewal is due; `soon` and `urgent` are alarms. */
  readonly stage: 'good' | 'renew' | 'soon' | 'urgent' | 'ended'
  /** SHA-256, in hexadecimal. */
  readonly fingerprint: string
  /** As it is sent to clients: the server's own first, each signed by the next. */
  readonly chain: readonly ChainRow[]
  /** One sentence each. */
  readonly faults: readonly string[]
}

/** What one node shows to its clients. */
export interface NodeCertificateRow {
  readonly node: NodeName
  /** Absent where it did not answer in time. */
  readonly tls?: boolean
  readonly fingerprint?: string
}

/** How the wish for a certificate of an authority goes. */
export interface CertificateIssueRow {
  readonly names: readonly string[]
  readonly directory: string
  readonly email: string
  /** `failed`: it is tried again later. */
  readonly state: 'issuing' | 'issued' | 'waiting' | 'failed'
  readonly sentence: string
}

/** `GET /api/certificate`. */
export interface CertificateAnswer {
  readonly certificate?: CertificateRow
  readonly issue?: CertificateIssueRow
  readonly nodes: readonly NodeCertificateRow[]
}

/** `POST /api/certificate/import`. */
export interface CertificateImportAnswer {
  readonly stored: boolean
  readonly certificate: CertificateRow
  /** What was put right on the way. */
  readonly notes: readonly string[]
}

/** `POST /api/certificate/export`. */
export interface CertificateExportAnswer {
  readonly format: 'pem' | 'pfx'
  /** PEM, or base64 of the PFX file. */
  readonly content: string
}

/** `POST /api/certificate/issue`. `GET /api/certificate` tells how it goes. */
export interface CertificateIssueAnswer {
  readonly sentence: string
}
