import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { METRICS } from './base/metrics.ts'
import { REFUSALS } from './base/refusals.ts'
import { loadVerb, VERB_NAMES } from './cli/all-verbs.ts'
import { EXIT_MEANINGS, helpOf } from './cli/help-text.ts'
import { EXIT } from './cli/verb.ts'
import { ALARMS, type AlarmKind } from './ops/alarm-catalogue.ts'
import { DOCTOR_CHECKS } from './ops/doctor-catalogue.ts'
import { durationText } from './ops/duration-text.ts'
import { CLOSE_CODES } from './protocol/close-codes.ts'
import { CALLERS, FRAMES, PERMISSIONS, ROUTES } from './server/permissions.ts'

// What the program itself knows stands in the reference pages between two marks. The pages are compared with the
// program in both directions: `HOLDFAST_REWRITE=1 node --test src/reference-pages.test.ts` writes those parts anew.
const FOLDER = join(import.meta.dirname, '..', 'docs', 'reference')

const PARTS: readonly { readonly page: string; readonly part: string; readonly text: () => Promise<string> }[] = [
  { page: 'errors.md', part: 'refusals', text: async () => refusalTable() },
  { page: 'errors.md', part: 'close codes', text: async () => closeCodeTable() },
  { page: 'alarms.md', part: 'alarms', text: async () => alarmSections() },
  { page: 'metrics.md', part: 'metrics', text: async () => metricTable() },
  { page: 'permissions.md', part: 'permissions', text: async () => permissionTable() },
  { page: 'permissions.md', part: 'routes', text: async () => accessTable('route', ROUTES) },
  { page: 'permissions.md', part: 'frames', text: async () => accessTable('frame', FRAMES) },
  { page: '../operate/doctor.md', part: 'checks', text: async () => doctorTable() },
  { page: 'cli.md', part: 'exit codes', text: async () => exitTable() },
  { page: 'cli.md', part: 'verbs', text: verbSections },
]

for (const { page, part, text } of PARTS)
  test(`${join('docs', 'reference', page)} has the ${part} that the program has`, async () => {
    const file = join(FOLDER, page)
    assert.ok(existsSync(file), `${page} is missing`)
    const found = readFileSync(file, 'utf8')
    const [begin, end] = [`<!-- ${part}: written by a test -->`, `<!-- end of ${part} -->`]
    const [before, rest] = found.split(begin)
    const after = rest?.split(end)[1]
    assert.ok(before !== undefined && after !== undefined, `${page} has no marks for its ${part}`)
    const wanted = `${before}${begin}\n\n${await text()}\n\n${end}${after}`
    if (process.env.HOLDFAST_REWRITE) writeFileSync(file, wanted)
    else assert.equal(found, wanted)
  })

function refusalTable(): string {
  const rows = Object.entries(REFUSALS).map(([code, { definite, http, retry, meaning }]) => [
    `\`${code}\``,
    definite ? 'yes' : 'no',
    `${http}`,
    retry,
    meaning,
  ])
  return table(['code', 'definite', 'HTTP', 'try again', 'meaning'], rows)
}

function closeCodeTable(): string {
  const rows = Object.entries(CLOSE_CODES).map(([code, { name, reaction, meaning }]) => [code, name, reaction, meaning])
  return table(['code', 'name', 'what the client does', 'meaning'], rows)
}

function metricTable(): string {
  const rows = Object.entries(METRICS).map(([name, { kind, help }]) => [`\`${name}\``, kind, help])
  return table(['metric', 'kind', 'meaning'], rows)
}

function alarmSections(): string {
  const sections = Object.entries<AlarmKind>(ALARMS).map(([code, kind]) => {
    const { severity, title, over, meaning, remedy, about, seenBy, alias } = kind
    const rows = [
      ['severity', severity],
      ['about', about],
      ['seen by', seenBy],
      ['raised', `**${title}**${alias ? ` (${alias.raised})` : ''}, ${after(kind.raiseAfterMs)}`],
      ['cleared', `**${over}**${alias ? ` (${alias.cleared})` : ''}, ${after(kind.clearAfterMs)}`],
    ]
    return `## ${code}\n\n${meaning}\n\n${remedy}\n\n${table(['', ''], rows)}`
  })
  return sections.join('\n\n')
}

function after(durationMs: number): string {
  return durationMs === 0 ? 'at once' : `after ${durationText(durationMs)}`
}

function doctorTable(): string {
  const rows = Object.values(DOCTOR_CHECKS).map(({ title, compares, warning, failed }) => [
    title,
    compares,
    warning,
    failed,
  ])
  return table(['check', 'looks at', 'warns of', 'fails at'], rows)
}

function permissionTable(): string {
  const rows = Object.entries(PERMISSIONS).map(([access, may]) => [
    `\`${access}\``,
    ...CALLERS.map((caller) => (may[caller] === 'no' ? '' : may[caller])),
  ])
  return table(['', ...CALLERS], rows)
}

function accessTable(what: string, accesses: Readonly<Record<string, string>>): string {
  const rows = Object.entries(accesses).map(([name, access]) => [`\`${name}\``, `\`${access}\``])
  return table([what, 'who'], rows)
}

function exitTable(): string {
  const names = Object.keys(EXIT) as (keyof typeof EXIT)[]
  return table(
    ['code', 'meaning'],
    names.map((name) => [`${EXIT[name]}`, EXIT_MEANINGS[name]]),
  )
}

async function verbSections(): Promise<string> {
  const verbs = await Promise.all([...VERB_NAMES].sort().map(loadVerb))
  return verbs.map((verb) => `## holdfast ${verb.name}\n\n\`\`\`text\n${helpOf(verb)}\n\`\`\``).join('\n\n')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
