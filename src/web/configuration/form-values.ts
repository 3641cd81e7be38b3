import { readYaml, yamlText } from './document-yaml.ts'
import type { FieldShape, FormField } from './form-fields.ts'

/**
 * What stands in the control of a field; absent: nothing does, and the default holds. Numbers and what is written as
 * YAML are texts while somebody types.
 */
export type Draft = undefined | string | boolean | DraftEntries | DraftGroup

/** Of a list, or of a record, whose entries have names. */
export interface DraftEntries {
  readonly entries: readonly DraftEntry[]
}

export interface DraftEntry {
  /** Stays with the entry while others come and go. */
  readonly id: number
  readonly name: string
  readonly draft: Draft
}

export interface DraftGroup {
  readonly fields: Readonly<Record<string, Draft>>
}

/** A value that a text does not give, and why. */
export interface DraftFault {
  readonly field: string
  readonly sentence: string
}

/** The controls of a document, or `undefined` where they cannot show it: what they would lose is edited as text. */
export function draftOf(fields: readonly FormField[], value: unknown): DraftGroup | undefined {
  if (!isGroup(value)) return undefined
  if (Object.keys(value).some((name) => !fields.some((field) => field.name === name))) return undefined
  const drafts: Record<string, Draft> = {}
  for (const { name, shape } of fields) {
    if (!(name in value)) continue
    const shown = shownDraft(shape, value[name])
    if (!shown) return undefined
    drafts[name] = shown.draft
  }
  return { fields: drafts }
}

/** Wrapped, because `undefined` means here that no control can show it. */
function shownDraft(shape: FieldShape, value: unknown): { readonly draft: Draft } | undefined {
  switch (shape.kind) {
    case 'yaml':
      return { draft: yamlText(value) }
    case 'number':
      return typeof value === 'number' ? { draft: String(value) } : undefined
    case 'flag':
      return typeof value === 'boolean' ? { draft: value } : undefined
    case 'group': {
      const draft = draftOf(shape.fields, value)
      return draft && { draft }
    }
    case 'list':
      return Array.isArray(value) ? entriesOf(shape.entry, Object.entries(value)) : undefined
    case 'record':
      return isGroup(value) ? entriesOf(shape.entry, Object.entries(value)) : undefined
    case 'line':
    case 'lines':
    case 'colour':
    case 'image':
    case 'reference':
    case 'choice':
      return typeof value === 'string' ? { draft: value } : undefined
  }
}

function entriesOf({ shape }: FormField, values: readonly (readonly [string, unknown])[]) {
  const entries: DraftEntry[] = []
  for (const [name, value] of values) {
    const shown = shownDraft(shape, value)
    if (!shown) return undefined
    entries.push({ id: entries.length, name, ...shown })
  }
  return { draft: { entries } }
}

/** The document that the controls say. What is no number stays the text that was typed: the schema tells what is wrong. */
export function documentOf(
  fields: readonly FormField[],
  draft: DraftGroup,
): { readonly value: Readonly<Record<string, unknown>>; readonly faults: readonly DraftFault[] } {
  const faults: DraftFault[] = []
  return { value: groupValue(fields, draft, '', faults), faults }
}

function groupValue(fields: readonly FormField[], draft: DraftGroup, at: string, faults: DraftFault[]) {
  const values = fields.flatMap(({ name, shape }): [string, unknown][] => {
    const own = draft.fields[name]
    return own === undefined ? [] : [[name, fieldValue(shape, own, within(at, name), faults)]]
  })
  return Object.fromEntries(values)
}

function fieldValue(shape: FieldShape, draft: Draft, at: string, faults: DraftFault[]): unknown {
  if (shape.kind === 'group') return groupValue(shape.fields, isDraftGroup(draft) ? draft : { fields: {} }, at, faults)
  if (shape.kind === 'list')
    return entriesIn(draft).map((entry, place) =>
      fieldValue(shape.entry.shape, entry.draft ?? '', within(at, String(place)), faults),
    )
  if (shape.kind === 'record') return recordValue(shape.entry.shape, entriesIn(draft), at, faults)
  if (shape.kind === 'number') return numberIn(draft)
  if (shape.kind !== 'yaml') return draft
  const read = readYaml(String(draft))
  if (read.kind === 'read') return read.value
  faults.push({ field: at, sentence: `Line ${read.line}: ${read.sentence}` })
  return draft
}

function recordValue(shape: FieldShape, entries: readonly DraftEntry[], at: string, faults: DraftFault[]) {
  for (const { name, id } of entries) {
    if (name === '') faults.push({ field: at, sentence: 'An entry has no name.' })
    else if (entries.some((other) => other.name === name && other.id < id))
      faults.push({ field: within(at, name), sentence: `There are two entries called ${name}.` })
  }
  return Object.fromEntries(
    entries.map(({ name, draft }) => [name, fieldValue(shape, draft ?? '', within(at, name), faults)]),
  )
}

function numberIn(draft: Draft): unknown {
  const text = String(draft).trim()
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : draft
}

/** `hours.0.from` */
export function within(at: string, name: string): string {
  return at === '' ? name : `${at}.${name}`
}

/** The entries of a list or record, none where nothing was written yet. */
export function entriesIn(draft: Draft): readonly DraftEntry[] {
  return typeof draft === 'object' && 'entries' in draft ? draft.entries : []
}

export function isDraftGroup(draft: Draft): draft is DraftGroup {
  return typeof draft === 'object' && 'fields' in draft
}

/** A list or record with one entry more. */
export function withEntry(shape: FieldShape, draft: Draft): DraftEntries {
  const entries = entriesIn(draft)
  const id = Math.max(-1, ...entries.map((entry) => entry.id)) + 1
  return { entries: [...entries, { id, name: '', draft: shape.kind === 'flag' ? false : undefined }] }
}

/**
 * What an emptied control means: the default, where that is nothing or where only a number could stand; else the empty
 * text.
 */
export function emptied({ required, fallback, shape }: FormField): Draft {
  return !required && (fallback === '' || shape.kind === 'number') ? undefined : ''
}

/** Whether two documents say the same, whatever the order of their fields. */
export function sameValue(one: unknown, other: unknown): boolean {
  return yamlText(one ?? null) === yamlText(other ?? null)
}

function isGroup(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
