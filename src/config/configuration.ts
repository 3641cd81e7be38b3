import type { Static, TObject } from 'typebox'

/** What is needed of a kind to read its documents. */
interface Kind<Schema extends TObject> {
  readonly kind: string
  readonly schema: Schema
}

/** A document that passed its schema. */
export interface ConfigDocument {
  readonly name: string
  /** The revision that wrote it. */
  readonly revision: number
  readonly value: Readonly<Record<string, unknown>>
}

/** The whole configuration as a value: what a node runs, or would run. */
export class Configuration {
  readonly revision: number
  readonly #documents: ReadonlyMap<string, ConfigDocument>

  constructor(revision: number, documents: Iterable<ConfigDocument> = []) {
    this.revision = revision
    this.#documents = new Map(Array.from(documents, (document) => [document.name, document]))
  }

  /** In the order of their names. */
  documents(): readonly ConfigDocument[] {
    return [...this.#documents.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
  }

  document(name: string): ConfigDocument | undefined {
    return this.#documents.get(name)
  }

  has(name: string): boolean {
    return this.#documents.has(name)
  }

  /** The one document of a kind; its defaults where nobody wrote it. */
  one<Schema extends TObject>(kind: Kind<Schema>): Static<Schema> {
    return withDefaults(kind, this.#documents.get(kind.kind)?.value ?? {})
  }

  /** All documents of a kind, by their own names. */
  all<Schema extends TObject>(kind: Kind<Schema>): ReadonlyMap<string, Static<Schema>> {
    const prefix = `${kind.kind}/`
    const found = this.documents().filter(({ name }) => name.startsWith(prefix))
    return new Map(found.map(({ name, value }) => [name.slice(prefix.length), withDefaults(kind, value)]))
  }
}

/** Fields that are absent take the default of their schema. */
export function withDefaults<Schema extends TObject>(
  { schema }: Kind<Schema>,
  value: Readonly<Record<string, unknown>>,
): Static<Schema> {
  const defaults = Object.entries(schema.properties).flatMap(
    ([field, { default: fallback }]: [string, { default?: unknown }]) =>
      fallback === undefined ? [] : [[field, fallback] as const],
  )
  return { ...Object.fromEntries(defaults), ...value } as Static<Schema>
}
