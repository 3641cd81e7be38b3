import type { NodeName } from '../base/ids.ts'

/** One record of the audit trail; `body` to the letter as it was stored, because the hash covers it. */
export interface AuditRecordRow {
  readonly n: number
  readonly key: string
  /** Milliseconds since 1970, store time. */
  readonly at: number
  readonly body: string
  readonly hash: string
}

/** `GET /api/audit?after=0&limit=500` (scope `admin`): in the order of their numbers; without `after` the newest ones. */
export interface AuditAnswer {
  readonly records: readonly AuditRecordRow[]
  /** The end of the trail: 0 and an empty hash before the first record. */
  readonly head: { readonly n: number; readonly hash: string }
}

/** `GET /api/secrets` (scope `admin`): that they are there, never what they are. */
export interface SecretsAnswer {
  readonly secrets: readonly { readonly name: string; readonly changedAt: number }[]
  /** What seals them. Absent before the first one. `masterKeys`: two while the master key changes. */
  readonly dataKey?: { readonly id: string; readonly madeAt: number; readonly masterKeys: number }
  readonly nodes: readonly SecretNodeRow[]
}

/** What the master keys of a node open: all, only what an earlier one seals, or nothing; `silent`: it did not answer. */
export interface SecretNodeRow {
  readonly node: NodeName
  readonly masterKey: 'newest' | 'earlier' | 'none' | 'no-secrets' | 'silent'
}

/** `POST /api/secrets/:name`, `.../remove`, `POST /api/secret-keys/rotate`: what was done, in one sentence. */
export interface SecretActAnswer {
  readonly sentence: string
}
