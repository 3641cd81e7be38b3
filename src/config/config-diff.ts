/** What a change does to one field; `before` absent: it is new, `after` absent: it goes. Values as JSON. */
export interface FieldDiff {
  readonly field: string
  readonly before?: string
  readonly after?: string
}

/** What a change does to one document. */
export interface DocumentDiff {
  readonly document: string
  readonly act: 'added' | 'changed' | 'removed'
  readonly fields: readonly FieldDiff[]
}

/** Compares two versions of a document; `undefined`: it is not there. */
export function documentDiff(document: string, before: unknown, after: unknown): DocumentDiff {
  const old = leavesOf(before)
  const young = leavesOf(after)
  const fields = [...new Set([...old.keys(), ...young.keys()])].sort().flatMap((field): FieldDiff[] => {
    const [was, is] = [old.get(field), young.get(field)]
    if (was === is) return []
    return [{ field, ...(was !== undefined && { before: was }), ...(is !== undefined && { after: is }) }]
  })
  const act = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed'
  return { document, act, fields }
}

const SIGNS = { added: '+', changed: '~', removed: '-' } as const

/** As lines for a terminal: `~ queue/sales`, `    title: "Sales" -> "Verkauf"`. */
export function diffLines({ document, act, fields }: DocumentDiff): readonly string[] {
  const line = ({ field, before, after }: FieldDiff) =>
    before === undefined
      ? `    ${field}: ${after}`
      : after === undefined
        ? `    ${field}: ${before} -> (gone)`
        : `    ${field}: ${before} -> ${after}`
  return [`${SIGNS[act]} ${document}`, ...(act === 'removed' ? [] : fields.map(line))]
}

/** Every value that holds no others, by where it stands: `hours.0.from`. */
function leavesOf(value: unknown, field = ''): Map<string, string> {
  if (value === undefined) return new Map()
  const parts = value !== null && typeof value === 'object' ? Object.entries(value) : []
  if (parts.length === 0) return field === '' ? new Map() : new Map([[field, JSON.stringify(value)]])
  return new Map(parts.flatMap(([name, part]) => [...leavesOf(part, field === '' ? name : `${field}.${name}`)]))
}
