import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, normalize } from 'node:path'
import test from 'node:test'

// The architecture, kept true. Read top to bottom: a folder may import itself and the folders it lists, types included;
// it may list only folders above it, so that the graph cannot have a circle. Folders that do not exist yet may be
// listed by nobody.
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  conversation: ['base'],
  protocol: ['base', 'conversation'],
  store: ['base'],
  config: ['base', 'store'],
  accounts: ['base', 'protocol', 'store', 'config'],
  cluster: ['base', 'protocol', 'store', 'config'],
  channels: ['base', 'conversation', 'protocol', 'config'],
  ops: ['base', 'protocol', 'store', 'config'],
  rollout: ['base', 'protocol', 'config', 'cluster'],
  server: [
    ...['base', 'conversation', 'protocol', 'store', 'config', 'accounts', 'cluster', 'channels', 'ops', 'rollout'],
  ],
  'web/connection': ['base', 'conversation', 'protocol'],
  web: ['base', 'conversation', 'protocol', 'web/connection'],
  bench: ['base', 'protocol', 'web/connection'],
  chaos: ['base', 'protocol', 'store', 'bench', 'web/connection'],
  conformance: [
    ...['base', 'conversation', 'protocol', 'store', 'config', 'cluster', 'channels', 'server', 'bench', 'chaos'],
  ],
  simulation: [
    ...['base', 'conversation', 'protocol', 'store', 'config', 'cluster', 'channels', 'ops', 'rollout', 'server'],
    ...['web/connection', 'chaos'],
  ],
  cli: [
    ...['base', 'conversation', 'protocol', 'store', 'config', 'cluster', 'channels', 'ops', 'rollout', 'server'],
    ...['web/connection', 'bench', 'chaos', 'conformance', 'simulation'],
  ],
}

/** They decide and never touch the world; browsers share them. */
const PURE_FOLDERS = ['base', 'conversation', 'protocol']

// Only adapters (`*-node.ts`) and tests may touch these: elsewhere time comes from `Clock`, dice from `Random`.
const WORLDLY: readonly RegExp[] = [
  /\bDate\b/,
  /\bperformance\b/,
  /\bset(?:Timeout|Interval|Immediate)\b/,
  /\bqueueMicrotask\b/,
  /\bAbortSignal\.timeout\b/,
  /\bWeakRef\b/,
  /\bMath\.random\b/,
  /['"]node:crypto['"]/,
  /['"]jose['"]/,
  /\bfetch\(/,
]

// A variable, and a collection that can be filled; an empty one of a read-only type is a value.
const MODULE_STATE: readonly RegExp[] = [
  /^(?:export )?let /m,
  /^(?:export )?const \w+(?:: (?:Map|Set|WeakMap)\b[^=]*)? = new (?:Map|Set|WeakMap)(?:<.*>)?\(\)/m,
]

const LINES_MAX = 500

const root = import.meta.dirname
const files = readdirSync(root, { recursive: true })
  .map(String)
  .filter((file) => /\.tsx?$/.test(file) && file.includes('/'))
const read = (file: string) => readFileSync(join(root, file), 'utf8')
// A suite that several implementations share is a test, too.
const isTest = (file: string) => /(?:\.test\.tsx?|-contract\.ts)$/.test(file)
const isAdapter = (file: string) => /-node\.tsx?$/.test(file)
const isPure = (file: string) => PURE_FOLDERS.includes(folderOf(file)) || file.endsWith('-decision.ts')

function folderOf(file: string): string {
  return file.startsWith('web/connection/') ? 'web/connection' : (file.split('/')[0] ?? '')
}

/** Static, side-effect, re-exporting and dynamic imports with a fixed target. */
function importsOf(text: string): string[] {
  const forms = /^(?:import|export)\s(?:[^'"]*?\sfrom\s)?'([^']+)'|\bimport\(\s*['"]([^'"]+)['"]/gm
  return [...codeOf(text).matchAll(forms)].flatMap(([, fixed, dynamic]) => fixed ?? dynamic ?? [])
}

const localImportsOf = (file: string) =>
  importsOf(read(file))
    .filter((target) => target.startsWith('.'))
    .map((target) => normalize(join(dirname(file), target)))

/** The code alone: a comment may speak of `Date`. */
function codeOf(text: string): string {
  const parts = /\/\*[\s\S]*?\*\/|\/\/.*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`/g
  return text.replace(parts, (part) => (part.startsWith('/*') || part.startsWith('//') ? '' : part))
}

/** Every fault at once: a list is mended faster than a row of first failures. */
function assertNone(faults: readonly string[], rule: string): void {
  assert.equal(faults.length, 0, `${rule}:\n  ${faults.join('\n  ')}`)
}

test('the table of folders is a descent, and each of its folders exists', () => {
  const names = Object.keys(MAY_IMPORT)
  const faults = names.filter((name) => !existsSync(join(root, name))).map((name) => `src/${name} does not exist`)
  for (const [name, list] of Object.entries(MAY_IMPORT))
    for (const listed of list)
      if (names.indexOf(listed) >= names.indexOf(name)) faults.push(`${name} lists ${listed}, which is not above it`)
  assertNone(faults, 'The table')
})

test('imports follow the table, types included', () => {
  const faults: string[] = []
  for (const file of files) {
    const here = folderOf(file)
    if (!(here in MAY_IMPORT)) faults.push(`${file}: its folder is not in the table`)
    for (const to of localImportsOf(file)) {
      const there = folderOf(to)
      if (there !== here && !MAY_IMPORT[here]?.includes(there)) faults.push(`${file} may not import ${to}`)
    }
  }
  assertNone(faults, 'A folder imports itself and what the table lists')
})

test('no import goes in a circle', () => {
  const known = new Set(files)
  const done = new Set<string>()
  const circles: string[] = []
  const walk = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
    if (path.includes(file) || done.has(file) || !known.has(file)) return
    for (const to of localImportsOf(file)) walk(to, [...path, file])
    done.add(file)
  }
  for (const file of files) walk(file, [])
  assertNone(circles, 'Circles')
})

test('what is pure imports no package, but for the schemas of the protocol', () => {
  const faults = files
    .filter((file) => isPure(file) && !isTest(file) && !isAdapter(file))
    .flatMap((file) => {
      const packages = importsOf(read(file)).filter((target) => !target.startsWith('.'))
      const mayTypebox = folderOf(file) === 'protocol' && file.endsWith('-schema.ts')
      return packages
        .filter((name) => !(mayTypebox && name.split('/')[0] === 'typebox'))
        .map((name) => `${file} imports ${name}`)
    })
  assertNone(faults, 'Decisions depend on nothing')
})

test('only adapters touch the clock, the dice and the network', () => {
  const faults = files
    .filter((file) => !isTest(file) && !isAdapter(file))
    .flatMap((file) => {
      const code = codeOf(read(file))
      return WORLDLY.filter((worldly) => worldly.test(code)).map((worldly) => `${file}: ${worldly.source}`)
    })
  assertNone(faults, 'The world is reached through files named *-node.ts')
})

test('no module keeps state', () => {
  const faults = files
    .filter((file) => !isTest(file))
    .filter((file) => MODULE_STATE.some((state) => state.test(codeOf(read(file)))))
  assertNone(faults, 'State belongs to a value that somebody made')
})

test('every rule that is written down is tested, and every rule that is tested is written down', () => {
  const written = new Set<string>()
  const tested = new Set<string>()
  const faults: string[] = []
  for (const folder of Object.keys(MAY_IMPORT).filter((name) => !name.includes('/'))) {
    const readme = join(root, folder, 'README.md')
    const text = existsSync(readme) ? readFileSync(readme, 'utf8') : ''
    if (text === '') faults.push(`src/${folder}/README.md is missing`)
    const ids = [...text.matchAll(/\*\*([A-Z]{2}\d+)\*\*/g)].flatMap(([, id]) => id ?? [])
    for (const [index, id] of ids.entries()) {
      if (ids.indexOf(id) < index) faults.push(`${id} stands twice in src/${folder}/README.md`)
      written.add(id)
    }
  }
  for (const file of files.filter(isTest))
    for (const [, id] of read(file).matchAll(/\[([A-Z]{2}\d+)\]/g)) if (id) tested.add(id)
  assertNone(
    [
      ...faults,
      ...[...written].filter((id) => !tested.has(id)).map((id) => `${id} is written down and in no test's title`),
      ...[...tested].filter((id) => !written.has(id)).map((id) => `${id} is tested and in no README`),
    ],
    'Rules and tests name each other',
  )
})

test('files are small, have a name of their own, and nothing is left for later', () => {
  const faults: string[] = []
  const seen = new Map<string, string>()
  for (const file of files) {
    const text = read(file)
    const name = basename(file)
    const lines = text.split('\n').length - 1
    if (lines > LINES_MAX) faults.push(`${file} has ${lines} lines`)
    if (/\b(?:FIXME|TODO|XXX)\b/.test(text)) faults.push(`${file} leaves something for later`)
    if (seen.has(name)) faults.push(`${name} is both ${seen.get(name)} and ${file}`)
    if (!/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test)?\.tsx?$/.test(name)) faults.push(`${file} is not in kebab-case`)
    if (/^(?:utils?|helpers?|types|common|managers?)\.tsx?$/.test(name)) faults.push(`${file} says nothing`)
    seen.set(name, file)
  }
  assertNone(faults, 'Files')
})
