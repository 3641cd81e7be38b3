import type { ConfigKind, FieldFault } from './config-kind.ts'
import { documentName } from './document-name.ts'
import { fieldJudge } from './field-faults.ts'

/** The kinds of documents that a program knows, with their schemas made ready. */
export class KindTable {
  readonly #kinds: ReadonlyMap<string, { kind: ConfigKind; judge: (value: unknown) => readonly FieldFault[] }>

  constructor(kinds: readonly ConfigKind[]) {
    this.#kinds = new Map(kinds.map((kind) => [kind.kind, { kind, judge: fieldJudge(kind.schema) }]))
  }

  names(): readonly string[] {
    return [...this.#kinds.keys()]
  }

  all(): readonly ConfigKind[] {
    return [...this.#kinds.values()].map(({ kind }) => kind)
  }

  called(kind: string): ConfigKind | undefined {
    return this.#kinds.get(kind)?.kind
  }

  /** The kind of a document, if that may be its name. */
  of(name: string): ConfigKind | undefined {
    const parts = documentName(name)
    const kind = parts && this.called(parts.kind)
    return kind && kind.many === (parts.own !== undefined) ? kind : undefined
  }

  /** What of a value does not fit the schema of its kind. */
  judge(kind: ConfigKind, value: unknown): readonly FieldFault[] {
    return this.#kinds.get(kind.kind)?.judge(value) ?? []
  }
}
