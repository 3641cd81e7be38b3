import type { ConfigEdit } from '../store/config-store.ts'
import { assetMentions } from './asset-file.ts'
import { canonicalJson } from './canonical-json.ts'
import { type DocumentDiff, documentDiff } from './config-diff.ts'
import type { ConfigFault, ConfigKind, FieldFault } from './config-kind.ts'
import { type ConfigDocument, Configuration, withDefaults } from './configuration.ts'
import { documentName } from './document-name.ts'
import { type Place, readDocumentText } from './document-text.ts'
import { linesOf, withOurFacts } from './foreign-placeholders.ts'
import type { KindTable } from './kind-table.ts'

/** A document as somebody wants it to be. */
export interface WantedDocument {
  readonly name: string
  /** YAML or JSON; `null`: it is removed. */
  readonly text: string | null
  /** The revision that was edited; absent: whichever is there now. */
  readonly expect?: number
}

/** A word for which an asset must be there, and what is wrong with the document if none is. */
export interface WantedAsset {
  readonly word: string
  readonly fault: ConfigFault
}

export type ChangeDecision =
  | {
      readonly kind: 'change'
      readonly edits: readonly ConfigEdit[]
      readonly diffs: readonly DocumentDiff[]
      /** The change is good only if all of these are there: whoever stores it asks for them before. */
      readonly assets: readonly WantedAsset[]
      /** What of the documents was put right on the way, by its line. */
      readonly notes: readonly ConfigFault[]
    }
  /** Everything is already as it is wanted. */
  | { readonly kind: 'nothing' }
  /** Nothing may be stored; all that is wrong is told at once. */
  | { readonly kind: 'faults'; readonly faults: readonly ConfigFault[] }

/** A wanted document that could be read. */
interface ReadDocument {
  readonly wanted: WantedDocument
  readonly value: Readonly<Record<string, unknown>>
  readonly notes: readonly ConfigFault[]
  placeOf(field: string): Place
}

/**
 * Judges a change as a whole before anything is stored: names, texts, schemas, and then every document of the
 * configuration that would come of it, so that nobody removes what others refer to.
 */
export function decideChange(
  present: Configuration,
  wanted: readonly WantedDocument[],
  kinds: KindTable,
): ChangeDecision {
  const faults: ConfigFault[] = twice(wanted)
  const read: ReadDocument[] = []
  for (const document of wanted) {
    const outcome = judge(document, present, kinds)
    if (Array.isArray(outcome)) faults.push(...outcome)
    else if (outcome) read.push(outcome)
  }
  if (faults.length > 0) return { kind: 'faults', faults }
  const next = after(present, wanted, read)
  faults.push(...referenceFaults(present, next, read, kinds))
  if (faults.length > 0) return { kind: 'faults', faults }
  return changeOf(present, next, wanted, read)
}

function judge(
  wanted: WantedDocument,
  present: Configuration,
  kinds: KindTable,
): ReadDocument | ConfigFault[] | undefined {
  const { name, text } = wanted
  const kind = kinds.of(name)
  if (!kind) return [nameFault(name, kinds)]
  if (text === null)
    return present.has(name)
      ? undefined
      : [{ document: name, field: '', sentence: 'It cannot be removed: it is not there.' }]
  const outcome = readDocumentText(text)
  if (outcome.kind === 'unreadable') return outcome.faults.map((fault) => ({ document: name, ...fault }))
  const { value, placeOf } = outcome
  const faults = kinds.judge(kind, value)
  if (faults.length > 0) return faults.map((fault) => placed(name, fault, placeOf))
  const ours = putIntoOurs(kind, { ...outcome, value: value as Readonly<Record<string, unknown>> }, wanted)
  return ours.faults.length > 0 ? [...ours.faults] : { wanted, placeOf, ...ours }
}

/** The fields in Liquid with facts of ours in the place of what other products would fill in. */
function putIntoOurs(
  kind: ConfigKind,
  { value, placeOf }: Pick<ReadDocument, 'value' | 'placeOf'>,
  { name, text }: WantedDocument,
): Pick<ReadDocument, 'value' | 'notes'> & { readonly faults: readonly ConfigFault[] } {
  const [notes, faults]: [ConfigFault[], ConfigFault[]] = [[], []]
  const changed = (kind.liquid?.fields ?? []).flatMap((field) => {
    const written = value[field]
    if (typeof written !== 'string') return []
    const { text: ours, found } = withOurFacts(written, kind.liquid?.facts ?? [])
    const lines = linesOf(
      text ?? '',
      placeOf(field).line,
      found.map(({ from }) => from),
    )
    for (const [index, each] of found.entries()) {
      const sentence = each.kind === 'ours' ? `${each.from} became ${each.to}.` : each.sentence
      const place = { document: name, field, sentence, line: lines[index] ?? 1, column: 1 }
      if (each.kind === 'ours') notes.push(place)
      else faults.push(place)
    }
    return [[field, ours] as const]
  })
  return { value: { ...value, ...Object.fromEntries(changed) }, notes, faults }
}

function nameFault(name: string, kinds: KindTable): ConfigFault {
  const parts = documentName(name)
  const fault = (sentence: string) => ({ document: name, field: '', sentence })
  const kind = parts && kinds.called(parts.kind)
  if (!parts) return fault('A document is called like `branding` or `queue/sales`: small letters, digits and hyphens.')
  if (!kind) return fault(`There is no kind of document called ${parts.kind}; there are ${kinds.names().join(', ')}.`)
  return kind.many
    ? fault(`There may be several of this kind: give it a name of its own, such as ${parts.kind}/main.`)
    : fault(`There is one of this kind; it is called ${parts.kind}.`)
}

function twice(wanted: readonly WantedDocument[]): ConfigFault[] {
  const doubles = wanted.filter(({ name }, index) => wanted.findIndex((other) => other.name === name) !== index)
  return doubles.map(({ name }) => ({ document: name, field: '', sentence: 'It is changed twice at once.' }))
}

function placed(document: string, fault: FieldFault, placeOf: (field: string) => Place): ConfigFault {
  return { document, ...fault, ...placeOf(fault.field) }
}

/** The configuration as it would be. */
function after(
  present: Configuration,
  wanted: readonly WantedDocument[],
  read: readonly ReadDocument[],
): Configuration {
  const kept = present.documents().filter(({ name }) => !wanted.some((document) => document.name === name))
  const fresh = read.map((document): ConfigDocument => {
    const { name } = document.wanted
    return { name, revision: present.document(name)?.revision ?? 0, value: document.value }
  })
  return new Configuration(present.revision, [...kept, ...fresh])
}

/**
 * Of documents that are not written now only what this change makes wrong: one that an earlier version let in, or that a
 * newer one judges more strictly, keeps nobody from changing another.
 */
function referenceFaults(
  present: Configuration,
  next: Configuration,
  read: readonly ReadDocument[],
  kinds: KindTable,
): ConfigFault[] {
  const known = new Set(
    present
      .documents()
      .flatMap((document) => meaningFaults(document, present, kinds))
      .map(keyOf),
  )
  return next.documents().flatMap((document) => {
    const faults = meaningFaults(document, next, kinds)
    const source = read.find(({ wanted }) => wanted.name === document.name)
    if (source) return faults.map((fault) => placed(document.name, fault, source.placeOf))
    return faults.filter((fault) => !known.has(keyOf(fault)))
  })
}

function meaningFaults({ name, value }: ConfigDocument, within: Configuration, kinds: KindTable): ConfigFault[] {
  const kind: ConfigKind | undefined = kinds.of(name)
  const faults = kind?.check?.(withDefaults(kind, value), within) ?? []
  return faults.map((fault) => ({ document: name, ...fault }))
}

function keyOf({ document, field, sentence }: ConfigFault): string {
  return JSON.stringify([document, field, sentence])
}

/** Everything that the texts of a document say of assets of this system. */
function wantedAssets({ wanted, value, placeOf }: ReadDocument): WantedAsset[] {
  return textsIn(value).flatMap(({ field, text }) =>
    assetMentions(text).map((word) => {
      const sentence = `There is no asset ${word}.`
      return { word, fault: placed(wanted.name, { field, sentence }, placeOf) }
    }),
  )
}

function textsIn(value: unknown, field = ''): { readonly field: string; readonly text: string }[] {
  if (typeof value === 'string') return [{ field, text: value }]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, each]) => textsIn(each, field ? `${field}.${name}` : name))
}

function changeOf(
  present: Configuration,
  next: Configuration,
  wanted: readonly WantedDocument[],
  read: readonly ReadDocument[],
): ChangeDecision {
  const changed = wanted.flatMap(({ name, expect }) => {
    const [before, now] = [present.document(name), next.document(name)]
    const body = now ? canonicalJson(now.value) : null
    // A stale edit is a conflict even where it would change nothing any more: the store tells.
    const stale = expect !== undefined && expect !== (before?.revision ?? 0)
    if (!stale && body === (before ? canonicalJson(before.value) : null)) return []
    const edit: ConfigEdit = { name, expect: expect ?? before?.revision ?? 0, body }
    return { edit, diff: documentDiff(name, before?.value, now?.value) }
  })
  if (changed.length === 0) return { kind: 'nothing' }
  const edits = changed.map(({ edit }) => edit)
  const notes = read.flatMap((each) => each.notes).filter(({ document }) => edits.some(({ name }) => name === document))
  return { kind: 'change', edits, diffs: changed.map(({ diff }) => diff), assets: read.flatMap(wantedAssets), notes }
}
