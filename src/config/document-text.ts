import { isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, stringify } from 'yaml'
import type { FieldFault } from './config-kind.ts'

/** Where something stands in a text, from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

export type ReadText =
  | {
      readonly kind: 'read'
      readonly value: unknown
      /** Where a field stands (`hours.0.from`); of one that is missing, where what should hold it stands. */
      placeOf(field: string): Place
    }
  | { readonly kind: 'unreadable'; readonly faults: readonly (FieldFault & Place)[] }

const CHARACTERS_MAX = 1024 * 1024
const START: Place = { line: 1, column: 1 }

/** Reads a document as a person wrote it: YAML, of which JSON is a part. */
export function readDocumentText(text: string): ReadText {
  if (text.length > CHARACTERS_MAX)
    return unreadable({
      ...START,
      sentence: `A document has at most ${CHARACTERS_MAX} characters; this has ${text.length}.`,
    })
  const lines = new LineCounter()
  // Aliases are refused with `maxAliasCount`: a few lines of them unfold to more than any memory holds.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  if (document.errors.length > 0)
    return {
      kind: 'unreadable',
      faults: document.errors.map(({ message, pos }) => ({
        field: '',
        sentence: sentenceOf(message),
        ...place(pos[0]),
      })),
    }
  try {
    const value: unknown = document.toJS({ maxAliasCount: 0 }) ?? {}
    return { kind: 'read', value, placeOf: (field) => placeIn(document.contents, field, place) }
  } catch {
    return unreadable({ ...START, sentence: 'Aliases (`*name`) are not taken: write the value out.' })
  }
}

/** A document as text for people: YAML with its fields as they are. */
export function documentText(value: unknown): string {
  return stringify(value, { lineWidth: 100 })
}

function unreadable({ sentence, ...place }: Place & { sentence: string }): ReadText {
  return { kind: 'unreadable', faults: [{ field: '', sentence, ...place }] }
}

const sentenceOf = (message: string) => `${message.charAt(0).toUpperCase()}${message.slice(1).replace(/\.?$/, '.')}`

function placeIn(contents: unknown, field: string, place: (offset: number) => Place): Place {
  let node = contents
  let offset = startOf(node)
  for (const key of field === '' ? [] : field.split('.')) {
    const next: unknown = isMap(node)
      ? node.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === key)
      : isSeq(node)
        ? node.items[Number(key)]
        : undefined
    if (next === undefined) break
    node = isPair(next) ? next.value : next
    offset = isPair(next) ? (startOf(next.key) ?? offset) : (startOf(next) ?? offset)
  }
  return offset === undefined ? START : place(offset)
}

function startOf(node: unknown): number | undefined {
  const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined
  return Array.isArray(range) ? Number(range[0]) : undefined
}
