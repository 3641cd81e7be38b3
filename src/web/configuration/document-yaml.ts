import { parseDocument, stringify } from 'yaml'

export type ReadYaml =
  | { readonly kind: 'read'; readonly value: unknown }
  | { readonly kind: 'unreadable'; readonly sentence: string; readonly line: number }

/** Reads what somebody wrote: YAML, of which JSON is a part. The server reads it again, and is the one who judges. */
export function readYaml(text: string): ReadYaml {
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: true })
  const [error] = document.errors
  if (error) {
    const line = text.slice(0, error.pos[0]).split('\n').length
    return { kind: 'unreadable', line, sentence: `${error.message.replace(/\.?$/, '.')}` }
  }
  try {
    return { kind: 'read', value: document.toJS({ maxAliasCount: 0 }) ?? {} }
  } catch {
    return { kind: 'unreadable', line: 1, sentence: 'Aliases (`*name`) are not taken: write the value out.' }
  }
}

/** A value as YAML, with its fields in the order of their names: as the server tells documents. */
export function yamlText(value: unknown): string {
  return stringify(value, { lineWidth: 100, sortMapEntries: true })
}
