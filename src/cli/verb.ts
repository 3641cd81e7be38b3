import { parseArgs } from 'node:util'
import type { Clock } from '../base/clock.ts'
import type { Random } from '../base/random.ts'

/** What a verb's process ends with. `holdfast help exits` prints the table. */
export const EXIT = {
  done: 0,
  /** It ran and failed, or a bar did not hold. */
  failed: 1,
  /** The command line is wrong; nothing was done. */
  usage: 2,
  /** No cluster answered at the address. */
  unreachable: 3,
  /** Ctrl-C or SIGTERM before the end. */
  interrupted: 130,
} as const

/** An option as the command line knows it. A `string` option without `default` may be absent. */
export interface OptionSpec {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  readonly default?: string | boolean
  /** What stands for the value in the help: `--port <number>`. */
  readonly placeholder?: string
  readonly help: string
}

export interface VerbExample {
  readonly command: string
  readonly does: string
}

/** A word after `holdfast`. One file each: `verb-<name>.ts`, exporting `verb`; `all-verbs.ts` lists them. */
export interface Verb {
  readonly name: string
  /** One line for the list of verbs. */
  readonly summary: string
  /** Forms of the command without `holdfast`, e.g. `node drain <name> [--finish]`. */
  readonly usage: readonly string[]
  readonly examples: readonly VerbExample[]
  /** By long name. `--help` is added to all; a verb that prints has `json: JSON_OPTION`. */
  readonly options: Readonly<Record<string, OptionSpec>>
  /** Paragraphs below the options: what a reader of the help must know beside them. */
  readonly notes?: readonly string[]
  /** Answers the exit code; a thrown `UsageError` is exit 2, anything else thrown is exit 1 with its message. */
  run(args: Arguments, io: VerbIo): Promise<number>
}

/** The world as a verb sees it; tests give another one. */
export interface VerbIo {
  /** A line on standard output: results only, so that `--json` can be piped. */
  out(line: string): void
  /** A line on standard error: progress, explanations, errors. */
  err(line: string): void
  /** Lines of standard input until it ends. */
  lines(): AsyncIterable<string>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  readonly random: Random
  /** Whether a person watches standard error, so that a bar may move. */
  readonly interactive: boolean
  /** Aborted by the first Ctrl-C or SIGTERM. The second one ends the process at once. */
  readonly interrupted: AbortSignal
}

export const JSON_OPTION: OptionSpec = {
  type: 'boolean',
  default: false,
  help: 'Print one JSON document, for programs.',
}

/** The command line is wrong. The message says what would be right. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The options and words of one call, read by type. */
export class Arguments {
  readonly words: readonly string[]
  readonly #values: Readonly<Record<string, string | boolean | undefined>>

  constructor(words: readonly string[], values: Readonly<Record<string, string | boolean | undefined>>) {
    this.words = words
    this.#values = values
  }

  flag(name: string): boolean {
    return this.#values[name] === true
  }

  text(name: string): string | undefined {
    const value = this.#values[name]
    return typeof value === 'string' ? value : undefined
  }

  /** A whole number within bounds; the option has a default or the caller says what absence means. */
  number(name: string, bounds: { min?: number; max?: number; absent?: number } = {}): number {
    const text = this.text(name)
    if (text === undefined && bounds.absent !== undefined) return bounds.absent
    const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text)
    const { min = 0, max = Number.MAX_SAFE_INTEGER } = bounds
    if (!Number.isInteger(value) || value < min || value > max)
      throw new UsageError(`--${name} must be a whole number ${rangeText(min, max)}, not ${quoted(text)}.`)
    return value
  }

  /** A time such as `500ms`, `10s`, `2m`, `1h`, in milliseconds. */
  durationMs(name: string, absent?: number): number {
    const text = this.text(name)
    if (text === undefined && absent !== undefined) return absent
    const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text ?? '')
    const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match?.[2] ?? '']
    if (!match || unitMs === undefined)
      throw new UsageError(`--${name} must be a time such as 500ms, 10s or 2m, not ${quoted(text)}.`)
    return Math.round(Number(match[1]) * unitMs)
  }

  /** One of several words. */
  choice<Choice extends string>(name: string, choices: readonly Choice[]): Choice {
    const text = this.text(name)
    const found = choices.find((choice) => choice === text)
    if (found === undefined)
      throw new UsageError(`--${name} must be one of ${choices.join(', ')}, not ${quoted(text)}.`)
    return found
  }

  /** The word at a place, e.g. the node in `node drain <name>`. */
  word(index: number, meaning: string): string {
    const word = this.words[index]
    if (word === undefined) throw new UsageError(`${meaning} is missing.`)
    return word
  }
}

function rangeText(min: number, max: number): string {
  return max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`
}

function quoted(text: string | undefined): string {
  return text === undefined ? 'nothing' : `"${text}"`
}

/** Reads a command line for a verb. Throws `UsageError`, with the nearest known option where one is unknown. */
export function parseArguments(verb: Verb, argv: readonly string[]): Arguments {
  const options = { ...verb.options, help: { type: 'boolean', short: 'h', default: false } as const }
  try {
    const specs = Object.entries(options).map(([name, { type, ...spec }]) => {
      const fallback = spec.default === undefined ? {} : { default: spec.default }
      return [name, { type, ...('short' in spec && spec.short ? { short: spec.short } : {}), ...fallback }] as const
    })
    const parsed = parseArgs({ args: [...argv], options: Object.fromEntries(specs), allowPositionals: true })
    return new Arguments(parsed.positionals, parsed.values)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    const unknown = /^Unknown option '--?([^']+)'/.exec(error.message)?.[1]
    if (unknown === undefined) throw new UsageError(error.message)
    throw new UsageError(`${verb.name} has no option --${unknown}.${suggestion(unknown, Object.keys(options), '--')}`)
  }
}

/** ` Did you mean ...?` where a known word is near, else nothing. */
export function suggestion(typed: string, known: readonly string[], prefix = ''): string {
  const near = known
    .map((word) => ({ word, distance: word.startsWith(typed) ? 0 : editDistance(typed, word) }))
    .filter(({ word, distance }) => distance <= Math.min(2, word.length / 2))
    .sort((a, b) => a.distance - b.distance)[0]
  return near ? ` Did you mean ${prefix}${near.word}?` : ''
}

/** Levenshtein's distance: the fewest letters to insert, delete or replace. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1]
    for (const [column, other] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
