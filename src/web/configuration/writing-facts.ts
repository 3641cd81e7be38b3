import type { ConfigDocumentRow } from '../../protocol/config-answers.ts'
import { onTopOf } from './change-facts.ts'
import { readYaml, yamlText } from './document-yaml.ts'
import type { TextFault } from './fault-facts.ts'
import type { FormField } from './form-fields.ts'
import { type DraftGroup, documentOf, draftOf, sameValue } from './form-values.ts'

/** What an edit began with. */
export interface Base {
  /** 0: it was not there. */
  readonly revision: number
  readonly value: Readonly<Record<string, unknown>>
  readonly text: string
}

/** A document while it is written: in its form, or as the text that it is. */
export type Writing =
  | { readonly mode: 'form'; readonly draft: DraftGroup }
  | { readonly mode: 'text'; readonly text: string }

/** What a writing says. `value` absent: it cannot be read, and `faults` tells why. */
export interface Said {
  readonly text: string
  readonly value?: Readonly<Record<string, unknown>>
  readonly faults: readonly TextFault[]
}

export function baseOf(row: ConfigDocumentRow | undefined): Base {
  if (!row) return { revision: 0, value: {}, text: '' }
  return { revision: row.revision, value: groupIn(row.value) ?? {}, text: row.text }
}

/** A document in its form, or as text where the form would lose something of it. */
export function writingOf(fields: readonly FormField[], { value, text }: Pick<Base, 'value' | 'text'>): Writing {
  const draft = draftOf(fields, value)
  return draft ? { mode: 'form', draft } : { mode: 'text', text }
}

export function saidBy(fields: readonly FormField[], writing: Writing): Said {
  if (writing.mode === 'form') {
    const { value, faults } = documentOf(fields, writing.draft)
    return { value, text: yamlText(value), faults }
  }
  const { text } = writing
  const read = readYaml(text)
  if (read.kind === 'unreadable') {
    const { sentence, line } = read
    return { text, faults: [{ field: '', sentence, line }] }
  }
  const value = groupIn(read.value)
  if (value) return { text, value, faults: [] }
  return {
    text,
    faults: [{ field: '', sentence: 'A document is a group of fields, such as `title: Sales`.', line: 1 }],
  }
}

/** Whether something was written that is not stored. */
export function isDirty({ value, text }: Said, base: Base): boolean {
  return value === undefined ? text !== base.text : !sameValue(value, base.value)
}

/** The same document the other way; a sentence where that cannot be. */
export function switched(
  fields: readonly FormField[],
  writing: Writing,
): Writing | { readonly mode: 'neither'; readonly fault: TextFault } {
  const { value, text, faults } = saidBy(fields, writing)
  const [first] = faults
  if (first) return { mode: 'neither', fault: first }
  if (writing.mode === 'form') return { mode: 'text', text }
  const draft = draftOf(fields, value)
  if (draft) return { mode: 'form', draft }
  const sentence = 'The form cannot show what is written here: a field that it does not know, or another form of one.'
  return { mode: 'neither', fault: { field: '', sentence } }
}

/** Whether there is something newer than what an edit began with. `revision`: the one that `row` was seen at. */
export function isStale(base: Base, row: ConfigDocumentRow | undefined, revision: number): boolean {
  return row ? row.revision > base.revision : base.revision > 0 && revision > base.revision
}

/**
 * What I wrote, made again on top of what somebody else stored meanwhile; of what is gone, all that I wrote. `undefined`:
 * what I wrote cannot be read yet.
 */
export function rebased(
  fields: readonly FormField[],
  base: Base,
  mine: Said,
  there: ConfigDocumentRow | undefined,
): { readonly base: Base; readonly writing: Writing } | undefined {
  const next = baseOf(there)
  if (mine.value === undefined) return undefined
  const value = there ? onTopOf(next.value, base.value, mine.value) : mine.value
  return { base: next, writing: writingOf(fields, { value, text: yamlText(value) }) }
}

function groupIn(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
}
