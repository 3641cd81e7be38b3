import type { Static, TObject } from 'typebox'
import type { Configuration } from './configuration.ts'

/** What is wrong with a document, where, and what would be right. */
export interface ConfigFault {
  /** `queue/sales` */
  readonly document: string
  /** `hours.0.from`; empty: the document as a whole. */
  readonly field: string
  readonly sentence: string
  /** In the text that was given, from 1; absent where there was no text. */
  readonly line?: number
  readonly column?: number
}

/** A fault of a field, before it is known where the text has it. */
export type FieldFault = Pick<ConfigFault, 'field' | 'sentence'>

/**
 * One kind of configuration document. A part of Holdfast that needs another kind adds one file under `kinds/` and its
 * line in `all-kinds.ts`: pages, CLI, REST and the reference page are made from it.
 */
export interface ConfigKind<Schema extends TObject = TObject> {
  /** `queue`: the first part of a document's name. */
  readonly kind: string
  /** `Queue` */
  readonly title: string
  /** One sentence for whoever edits it. */
  readonly about: string
  /** Several, each with a name of its own (`queue/sales`), or one for the whole cluster (`branding`). */
  readonly many: boolean
  /** Fields that are Liquid, and the facts that they reach. Placeholders of other products are put into ours there. */
  readonly liquid?: { readonly fields: readonly string[]; readonly facts: readonly string[] }
  /** Every field has a `description`; those that may be absent have a `default`. */
  readonly schema: Schema
  /** Faults that a schema cannot see: ends before beginnings, names that nothing has. */
  check?(document: Static<Schema>, configuration: Configuration): readonly FieldFault[]
}

/** Types a kind by its own schema. */
export function configKind<Schema extends TObject>(kind: ConfigKind<Schema>): ConfigKind<Schema> {
  return kind
}
