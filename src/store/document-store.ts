/** A named, versioned text shared by all nodes: signing keys, the cluster authority, later all configuration. */
export interface Document {
  readonly name: string
  /** Rises by one with each change, from 1. */
  readonly version: number
  readonly body: string
}

/** Small shared documents under optimistic concurrency. Same rejections as `LogStore`. */
export interface DocumentStore {
  document(name: string): Promise<Document | undefined>
  documents(prefix: string): Promise<readonly Document[]>
  /** Writes if the present version is `expect` (0: absent); else answers what is there. */
  putDocument(
    name: string,
    body: string,
    expect: number,
  ): Promise<{ kind: 'stored'; version: number } | { kind: 'conflict'; found?: Document }>
}
