/** One record of the audit trail as it is kept for ever. */
export interface AuditRow {
  /** 1, 2, 3, ... without a hole. */
  readonly n: number
  /** Made by the node on which the act took place: the same record sent again is the same record. */
  readonly key: string
  /** Milliseconds since 1970, store time. */
  readonly at: number
  /** What was done, by whom: JSON, kept to the letter because the hash covers it. */
  readonly body: string
  /** Hexadecimal, over `auditHashText` with the hash of the record before it. */
  readonly hash: string
}

/** The end of the chain: 0 and an empty hash before the first record. */
export type AuditHead = Pick<AuditRow, 'n' | 'hash'>

/**
 * The audit trail. Number, time and hash are given inside the store's transaction, so that nodes that append at the same
 * time make one chain. Same rejections as `LogStore`; after an `IndefiniteOutcome` the record is sent again by its key.
 */
export interface AuditStore {
  appendAudit(key: string, body: string): Promise<AuditRow>
  /** Up to `limit` records with `n` above `after`, in their order. */
  auditRows(after: number, limit: number): Promise<readonly AuditRow[]>
  auditHead(): Promise<AuditHead>
}

/** What the hash of a record is made over; `holdfast.append_audit` makes the same text. */
export function auditHashText(previousHash: string, { n, at, key, body }: Omit<AuditRow, 'hash'>): string {
  return [previousHash, n, at, key, body].join('\n')
}
