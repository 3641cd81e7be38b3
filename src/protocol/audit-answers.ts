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

/** The end of the trail, or of what was looked at: 0 and an empty hash before the first record. */
export interface AuditHeadRow {
  readonly n: number
  readonly hash: string
}

/**
 * `GET /api/audit?after=0&limit=500` (scope `audit`): in the order of their numbers; without `after` the newest ones,
 * below `before` and such as fit `who`, `what` and `since`.
 */
export interface AuditAnswer {
  readonly records: readonly AuditRecordRow[]
  readonly head: AuditHeadRow
  /** There is more to look at: ask again with this as `before`. Never with `after`. */
  readonly next?: number
}

/**
 * `GET /api/audit/check?after=0&hash=` (scope `audit`): whether the next records are as they were written. `sound`, and
 * `checked` is not yet `head`: ask again from there. `broken`: `n` is the first record that is not.
 */
export type AuditCheckAnswer = { readonly head: AuditHeadRow } & (
  | { readonly kind: 'sound'; readonly checked: AuditHeadRow }
  | { readonly kind: 'broken'; readonly n: number; readonly sentence: string }
)

/** `GET /api/secrets` (scope `audit`): that they are there, never what they are. */
export interface SecretsAnswer {
  readonly secrets: readonly { readonly name: string; readonly changedAt: number }[]
  /** What seals them, and so many private keys of the cluster's own. `masterKeys`: two while the master key changes. */
  readonly dataKey?: {
    readonly id: string
    readonly madeAt: number
    readonly masterKeys: number
    readonly privateKeys: number
  }
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
