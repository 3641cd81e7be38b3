import type {
  ConfigChangeAnswer,
  ConfigConflictAnswer,
  ConfigDiffRow,
  ConfigDocumentRow,
  ConfigFaultRow,
  ConfigInvalidAnswer,
} from '../../protocol/config-answers.ts'
import type { RefusedAnswer } from '../../protocol/rest-answers.ts'
import type { RestResult } from '../console/rest-client-node.ts'

/** What became of a change that was asked for, tried or stored. */
export type ChangeOutcome =
  | { readonly kind: 'answered'; readonly answer: ConfigChangeAnswer }
  | { readonly kind: 'faults'; readonly faults: readonly ConfigFaultRow[] }
  /** Somebody was quicker. `there` absent: it is gone. */
  | { readonly kind: 'conflict'; readonly there?: ConfigDocumentRow }
  /** `unknown`: it may have been stored; the same key may be sent again. */
  | { readonly kind: 'trouble'; readonly sentence: string; readonly unknown: boolean }

export function outcomeOf(result: RestResult<ConfigChangeAnswer>): ChangeOutcome {
  switch (result.kind) {
    case 'ok':
      return { kind: 'answered', answer: result.answer }
    case 'unreachable':
      return {
        kind: 'trouble',
        sentence: 'The server did not answer. Nothing is lost: send it again, it will be stored once.',
        unknown: true,
      }
    case 'refused': {
      const { refusal } = result
      if (isInvalid(refusal)) return { kind: 'faults', faults: refusal.faults }
      if (isConflict(refusal)) {
        const there = refusal.conflicts[0]?.there
        return { kind: 'conflict', ...(there && { there }) }
      }
      return { kind: 'trouble', sentence: refusal.message, unknown: !refusal.definite }
    }
  }
}

function isInvalid(refusal: RefusedAnswer): refusal is ConfigInvalidAnswer {
  return refusal.code === 'config-invalid' && 'faults' in refusal
}

function isConflict(refusal: RefusedAnswer): refusal is ConfigConflictAnswer {
  return refusal.code === 'config-conflict' && 'conflicts' in refusal
}

/** What a change does to one field, as it is shown. */
export interface ShownDiff {
  readonly field: string
  /** Absent: there was nothing; texts as they are, everything else as JSON. */
  readonly before?: string
  readonly after?: string
  /** Where both are texts of several lines. */
  readonly lines?: readonly PairedLine[]
}

export function shownDiffs({ fields }: ConfigDiffRow): readonly ShownDiff[] {
  return fields.map(({ field, before, after }) => {
    const [was, is] = [shownValue(before), shownValue(after)]
    const long = was?.includes('\n') || is?.includes('\n')
    return {
      field,
      ...(was !== undefined && { before: was }),
      ...(is !== undefined && { after: is }),
      ...(long && { lines: pairedLines(was ?? '', is ?? '') }),
    }
  })
}

/** A value that was told as JSON, for people. */
function shownValue(json: string | undefined): string | undefined {
  if (json === undefined) return undefined
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'string' ? value : json
  } catch {
    return json
  }
}

/** A line of two texts beside each other; one side absent: the other has it alone. */
export interface PairedLine {
  readonly left?: string
  readonly right?: string
  readonly same: boolean
}

// Longer texts are shown as they are, one gone and one new: comparing each line with each takes too long.
const CELLS_MAX = 4_000_000

/** Two texts line by line, what they have in common beside itself (longest common subsequence). */
export function pairedLines(left: string, right: string): readonly PairedLine[] {
  const [old, young] = [linesOf(left), linesOf(right)]
  const common = commonLengths(old, young)
  const pairs: PairedLine[] = []
  // What differs stands beside what it became, as far as both go.
  let gone: string[] = []
  let fresh: string[] = []
  const settle = () => {
    for (let place = 0; place < Math.max(gone.length, fresh.length); place++) {
      const [was, is] = [gone[place], fresh[place]]
      pairs.push({ same: false, ...(was !== undefined && { left: was }), ...(is !== undefined && { right: is }) })
    }
    gone = []
    fresh = []
  }
  let [at, to] = [0, 0]
  while (at < old.length || to < young.length) {
    const [was, is] = [old[at], young[to]]
    if (was !== undefined && was === is) {
      settle()
      pairs.push({ left: was, right: is, same: true })
      at++
      to++
    } else if (is === undefined || (was !== undefined && common(at + 1, to) >= common(at, to + 1))) {
      gone.push(was ?? '')
      at++
    } else {
      fresh.push(is)
      to++
    }
  }
  settle()
  return pairs
}

/** How many lines the rests of both have in common, from each line on. */
function commonLengths(old: readonly string[], young: readonly string[]): (at: number, to: number) => number {
  const width = young.length + 1
  if ((old.length + 1) * width > CELLS_MAX) return () => 0
  const cells = new Uint32Array((old.length + 1) * width)
  const cell = (at: number, to: number) => cells[at * width + to] ?? 0
  for (let at = old.length - 1; at >= 0; at--)
    for (let to = young.length - 1; to >= 0; to--)
      cells[at * width + to] =
        old[at] === young[to] ? cell(at + 1, to + 1) + 1 : Math.max(cell(at + 1, to), cell(at, to + 1))
  return cell
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}

type Value = Readonly<Record<string, unknown>>

/**
 * My changes made again on top of theirs: a field that I changed is mine, any other is theirs. Lists are fields as a
 * whole. What is absent differs from what is there.
 */
export function onTopOf(theirs: Value, base: Value, mine: Value): Value {
  const names = new Set([...Object.keys(theirs), ...Object.keys(mine)])
  const merged = [...names].flatMap((name): [string, unknown][] => {
    const [their, was, my] = [theirs[name], base[name], mine[name]]
    if (isValue(their) && isValue(my)) return [[name, onTopOf(their, isValue(was) ? was : {}, my)]]
    const value = JSON.stringify(my) === JSON.stringify(was) ? their : my
    return value === undefined ? [] : [[name, value]]
  })
  return Object.fromEntries(merged)
}

function isValue(value: unknown): value is Value {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `1 document added, 2 changed` */
export function changeSummary(diffs: readonly ConfigDiffRow[]): string {
  const counted = (['added', 'changed', 'removed'] as const).flatMap((act) => {
    const names = diffs.filter((diff) => diff.act === act).map(({ document }) => document)
    if (names.length === 0) return []
    return names.length <= 3 ? `${names.join(', ')} ${act}` : `${names.length} documents ${act}`
  })
  return counted.length === 0 ? 'nothing changed' : counted.join('; ')
}
