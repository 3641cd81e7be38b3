import type { AuditHead, AuditRow, AuditStore } from './audit-store.ts'
import type { RunStatement } from './postgres-config-store.ts'
import { numberIn, type Row } from './postgres-rows.ts'

/** The audit trail in PostgreSQL; the chain is made in `holdfast.append_audit`. */
export class PostgresAuditStore implements AuditStore {
  readonly #run: RunStatement

  constructor(run: RunStatement) {
    this.#run = run
  }

  async appendAudit(key: string, body: string): Promise<AuditRow> {
    const [row] = await this.#run('append-audit', 'SELECT * FROM holdfast.append_audit($1, $2)', [key, body])
    return auditRowIn(row ?? {})
  }

  async auditRows(after: number, limit: number): Promise<readonly AuditRow[]> {
    const rows = await this.#run('audit-rows', 'SELECT * FROM holdfast.audit_record WHERE n > $1 ORDER BY n LIMIT $2', [
      after,
      limit,
    ])
    return rows.map(auditRowIn)
  }

  async auditHead(): Promise<AuditHead> {
    const [row] = await this.#run('audit-head', 'SELECT n, hash FROM holdfast.audit_head', [])
    return row ? { n: numberIn(row, 'n'), hash: String(row.hash) } : { n: 0, hash: '' }
  }
}

function auditRowIn(row: Row): AuditRow {
  return {
    n: numberIn(row, 'n'),
    key: String(row.key),
    at: numberIn(row, 'at'),
    body: String(row.body),
    hash: String(row.hash),
  }
}
