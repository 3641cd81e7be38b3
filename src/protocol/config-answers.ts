import type { RefusedAnswer } from './rest-answers.ts'

/** What the REST entrances of the central configuration answer. */
export interface ConfigFaultRow {
  readonly document: string
  readonly field: string
  readonly sentence: string
  readonly line?: number
  readonly column?: number
}

export interface ConfigDiffRow {
  readonly document: string
  readonly act: 'added' | 'changed' | 'removed'
  readonly fields: readonly { readonly field: string; readonly before?: string; readonly after?: string }[]
}

export interface ConfigDocumentRow {
  readonly name: string
  /** The revision that wrote it. */
  readonly revision: number
  /** YAML. */
  readonly text: string
  readonly value: unknown
}

/** `GET /api/config`: everything at one revision, and who runs it. */
export interface ConfigAnswer {
  readonly revision: number
  readonly digest: string
  /** Where this node has it from: the store, or its own memory while the store is away. */
  readonly known: 'from-store' | 'last-known' | 'nothing'
  readonly documents: readonly ConfigDocumentRow[]
  readonly kinds: readonly {
    readonly kind: string
    readonly title: string
    readonly about: string
    readonly many: boolean
    /** JSON Schema, from which forms are made. */
    readonly schema: unknown
  }[]
  readonly nodes: readonly ConfigNodeRow[]
}

/** What one node runs. `drift`: not what the asked node runs. */
export interface ConfigNodeRow {
  readonly node: string
  readonly answers: boolean
  readonly revision?: number
  readonly digest?: string
  readonly drift: boolean
}

/** `POST /api/config/changes` and `/rollback`. `revision`: the one that holds now; no diffs: there was nothing to do. */
export interface ConfigChangeAnswer {
  readonly revision: number
  readonly dryRun: boolean
  readonly diffs: readonly ConfigDiffRow[]
  /** What of the documents was put right on the way, such as placeholders of another product; absent where nothing was. */
  readonly notes?: readonly ConfigFaultRow[]
}

/** 422: nothing was stored, and this is all that is wrong. */
export interface ConfigInvalidAnswer extends RefusedAnswer {
  readonly faults: readonly ConfigFaultRow[]
}

/** 409: somebody else changed these meanwhile; both versions are there. */
export interface ConfigConflictAnswer extends RefusedAnswer {
  readonly conflicts: readonly {
    readonly name: string
    /** What is there now; absent: it is gone. */
    readonly there?: ConfigDocumentRow
    /** What was wanted; `null`: that it goes. */
    readonly wanted: string | null
  }[]
}

/** `GET /api/config/history`: the newest change first. */
export interface ConfigHistoryAnswer {
  readonly changes: readonly {
    readonly revision: number
    readonly at: number
    readonly author: string
    readonly reason: string
    readonly diffs: readonly ConfigDiffRow[]
  }[]
}
