/** A configuration document as it is stored. */
export interface StoredConfig {
  /** `queue/sales` */
  readonly name: string
  /** The revision that wrote it: a document that was removed and made again is another one. */
  readonly revision: number
  readonly body: string
}

/** The whole configuration at one revision. */
export interface StoredConfiguration {
  /** Rises by one with each change of any document; 0 before the first. */
  readonly revision: number
  /** In the order of their names. */
  readonly documents: readonly StoredConfig[]
}

export interface ConfigEdit {
  readonly name: string
  /** The revision of the document that was edited; 0: it was not there. */
  readonly expect: number
  /** `null`: it is removed. */
  readonly body: string | null
}

/** Edits that take place together or not at all. */
export interface ConfigChange {
  /** Made by whoever changes: the same change sent again is the same change. */
  readonly key: string
  readonly author: string
  readonly reason: string
  /** One at least, one for a name. */
  readonly edits: readonly ConfigEdit[]
}

export type ConfigOutcome =
  | { readonly kind: 'stored'; readonly revision: number }
  /** Somebody else changed these meanwhile; `document` is absent where it was removed, or never there. */
  | { readonly kind: 'conflict'; readonly found: readonly { name: string; document?: StoredConfig }[] }

/** A change as it is remembered for ever. */
export interface ConfigRecord {
  readonly revision: number
  /** Milliseconds since 1970, store time. */
  readonly at: number
  readonly author: string
  readonly reason: string
  readonly edits: readonly { readonly name: string; readonly before: string | null; readonly after: string | null }[]
}

/**
 * The central configuration: documents that people write and all nodes apply. Every change is one transaction with its
 * author and reason. Same rejections as `LogStore`; after an `IndefiniteOutcome` the change is sent again by its key.
 */
export interface ConfigStore {
  configuration(): Promise<StoredConfiguration>
  /** The present revision alone: what a node asks all the time. */
  configRevision(): Promise<number>
  changeConfiguration(change: ConfigChange): Promise<ConfigOutcome>
  /** The newest changes first; `before` a revision, of one document where `name` is given. */
  configRecords(query: {
    readonly limit: number
    readonly before?: number
    readonly name?: string
  }): Promise<readonly ConfigRecord[]>
}
