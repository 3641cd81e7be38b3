import { type AuditHead, type AuditRow, auditHashText } from '../store/audit-store.ts'

interface BrokenChain {
  readonly kind: 'broken'
  /** The first record that is not as it was written. */
  readonly n: number
  readonly sentence: string
}

export type ChainVerdict = { readonly kind: 'sound'; readonly head: AuditHead } | BrokenChain

/** Before the first record. */
export const NO_RECORDS: AuditHead = { n: 0, hash: '' }

/** Follows the chain from one record over those after it; `hash` is SHA-256 in hexadecimal. */
export function followChain(from: AuditHead, rows: readonly AuditRow[], hash: (text: string) => string): ChainVerdict {
  let head = from
  for (const row of rows) {
    if (row.n !== head.n + 1) return broken(head.n + 1, `Record ${head.n + 1} is missing: ${row.n} follows ${head.n}.`)
    if (hash(auditHashText(head.hash, row)) !== row.hash)
      return broken(row.n, `Record ${row.n} or the one before it was changed: its hash is another one.`)
    head = { n: row.n, hash: row.hash }
  }
  return { kind: 'sound', head }
}

/** Whether a chain that was followed to its last record ends where the trail says that it ends. */
export function endChain(followed: AuditHead, told: AuditHead): ChainVerdict {
  if (followed.n === told.n && followed.hash === told.hash) return { kind: 'sound', head: followed }
  if (followed.n < told.n)
    return broken(followed.n + 1, `The last records are missing: ${followed.n} of ${told.n} are there.`)
  return broken(followed.n, `The trail says that it ends with record ${told.n}, but it ends otherwise.`)
}

function broken(n: number, sentence: string): BrokenChain {
  return { kind: 'broken', n, sentence }
}
