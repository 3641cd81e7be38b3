import { type AuditHead, type AuditRow, type AuditStore, auditHashText } from './audit-store.ts'

/** The audit trail of tests. */
export class MemoryAuditStore implements AuditStore {
  readonly #now: () => number
  readonly #hash: (text: string) => string
  readonly #rows: AuditRow[] = []

  constructor({ now, hash }: { now: () => number; hash: (text: string) => string }) {
    this.#now = now
    this.#hash = hash
  }

  async appendAudit(key: string, body: string): Promise<AuditRow> {
    const known = this.#rows.find((row) => row.key === key)
    if (known) return known
    const made = { n: this.#rows.length + 1, key, at: this.#now(), body }
    const row = { ...made, hash: this.#hash(auditHashText(this.#rows.at(-1)?.hash ?? '', made)) }
    this.#rows.push(row)
    return row
  }

  async auditRows(after: number, limit: number): Promise<readonly AuditRow[]> {
    return this.#rows.slice(after, after + limit)
  }

  async auditHead(): Promise<AuditHead> {
    const { n, hash } = this.#rows.at(-1) ?? { n: 0, hash: '' }
    return { n, hash }
  }
}
