import { EXIT, type OptionSpec, type Verb } from './verb.ts'

/** What `holdfast <verb> --help` prints. */
export function helpOf(verb: Verb): string {
  const sections = [
    verb.summary,
    section(
      'Usage',
      verb.usage.map((form) => `holdfast ${form}`),
    ),
    section('Options', optionLines({ ...verb.options, help: { type: 'boolean', short: 'h', help: 'Print this.' } })),
    section(
      'Examples',
      verb.examples.flatMap(({ command, does }) => [`$ ${command}`, `    ${does}`]),
    ),
    ...(verb.notes ?? []),
  ]
  return sections.join('\n\n')
}

/** What `holdfast help` prints. */
export function overviewOf(verbs: readonly Verb[]): string {
  const width = Math.max(...verbs.map((verb) => verb.name.length))
  return [
    'Holdfast: customer conversations that survive the death of any server.',
    section('Usage', ['holdfast <verb> [options]', 'holdfast <verb> --help']),
    section(
      'Verbs',
      verbs.map((verb) => `${verb.name.padEnd(width)}  ${verb.summary}`),
    ),
    section('Exit codes', exitLines()),
    'Begin with `holdfast up`: it starts a whole cluster on this machine and prints what to open.',
  ].join('\n\n')
}

/** Meaning of every exit code, for the overview and the reference page. */
export const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  done: 'Done, and every bar held.',
  failed: 'It ran and failed, or a bar did not hold.',
  usage: 'The command line is wrong; nothing was done.',
  unreachable: 'No cluster answered at the address.',
  interrupted: 'Ctrl-C or SIGTERM before the end.',
}

function exitLines(): string[] {
  return (Object.keys(EXIT) as (keyof typeof EXIT)[]).map((name) => `${EXIT[name]}`.padEnd(5) + EXIT_MEANINGS[name])
}

function optionLines(options: Readonly<Record<string, OptionSpec>>): string[] {
  const rows = Object.entries(options).map(([name, spec]) => {
    const value = spec.type === 'string' ? ` <${spec.placeholder ?? 'text'}>` : ''
    const preset = spec.default === undefined || spec.default === false ? '' : ` (default ${String(spec.default)})`
    return { left: `${spec.short ? `-${spec.short}, ` : ''}--${name}${value}`, right: spec.help + preset }
  })
  const width = Math.max(...rows.map((row) => row.left.length))
  return rows.map((row) => `${row.left.padEnd(width)}  ${row.right}`)
}

function section(title: string, lines: readonly string[]): string {
  return [`${title}:`, ...lines.map((line) => `  ${line}`)].join('\n')
}
