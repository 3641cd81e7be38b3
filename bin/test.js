// `npm test`: the cheap checks first, then every test file, those that start real processes last.
// `npm test -- store cli` runs only the test files whose path contains one of the words, `npm test -- strace`,
// `npm test -- acme` and `npm test -- promtool` those that need strace, Pebble or promtool, which few machines have.
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { cpus } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const words = process.argv.slice(2)
// Every test file is a process of its own, and most read the same modules: compiled once is enough.
process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules', '.cache', 'holdfast')

if (words.length === 0) {
  check('lint', 'biome', 'check', '--error-on-warnings')
  check('types', 'tsc', '-p', 'tsconfig.json')
  check('pure folders', 'tsc', '-p', 'tsconfig.pure.json')
  check('pages', 'vite', 'build', '--logLevel', 'warn')
}

// Pure code first, then what opens sockets or databases, then browsers and whole clusters.
const LATE = [
  '/store/',
  '/config/',
  '/channels/',
  '/server/',
  '/web/',
  '/bench/',
  '/simulation/',
  '/cli/',
  '/conformance/',
  '/chaos/',
]
const SUM = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ([\d.]+)$/
const NEEDS = /-(strace|acme|promtool)\.test\.ts$/
const isWanted = (file) => {
  const [, needed] = NEEDS.exec(file) ?? []
  return needed ? words.includes(needed) : words.length === 0 || words.some((word) => file.includes(word))
}
const lateness = (file) => LATE.findIndex((folder) => file.includes(folder))
const files = globSync('src/**/*.test.{ts,tsx}', { cwd: root })
  .filter(isWanted)
  .sort((a, b) => lateness(a) - lateness(b) || (a < b ? -1 : 1))
  .map((file) => join(root, file))

// What waits for whole clusters and measures them has the machine to itself.
const ALONE = ['/web/two-browsers', '/bench/', '/simulation/', '/cli/', '/conformance/', '/chaos/']
const alone = (file) => ALONE.some((place) => file.includes(place))
const turns = [
  { files: files.filter((file) => !alone(file)), concurrency: cpus().length },
  { files: files.filter(alone), concurrency: Math.max(1, cpus().length - 1) },
]
Readable.from(allTurns()).compose(new spec()).pipe(process.stdout)

/** What all turns tell, and at the end one sum of what each of them would say last. */
async function* allTurns() {
  const sums = new Map()
  let last
  for (const turn of turns) {
    if (turn.files.length === 0) continue
    for await (const event of run({ ...turn, timeout: 300_000 })) {
      const { type, data } = event
      if (type === 'test:fail' && (data.todo === undefined || data.todo === false)) process.exitCode = 1
      const [, name, count] = (type === 'test:diagnostic' && SUM.exec(data.message)) || []
      if (name === undefined) yield event
      else {
        sums.set(name, (sums.get(name) ?? 0) + Number(count))
        last = event
      }
    }
  }
  for (const [name, sum] of sums) yield { ...last, data: { ...last.data, message: `${name} ${sum}` } }
}

function check(title, command, ...options) {
  const startedMs = performance.now()
  const { status } = spawnSync(join(root, 'node_modules', '.bin', command), options, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
  console.log(`✔ ${title} (${Math.round(performance.now() - startedMs)} ms)`)
}
