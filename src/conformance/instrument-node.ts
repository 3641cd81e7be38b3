import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import { createInstrumenter } from 'istanbul-lib-instrument'

// Istanbul's counters cost a few nanoseconds and can be read after each input. V8's own precise coverage would need no
// library, and takes milliseconds to read: a thousandth of the inputs.
const VARIABLE = '__holdfastCoverage__'
const SOURCES = new URL('../', import.meta.url)

/** What istanbul keeps of one file; the counters are ours to replace. */
interface FileCounters {
  s: ArrayLike<number>
  f: ArrayLike<number>
  b: Record<string, ArrayLike<number>>
}

/** Counts in each of these files (below `src`) from its next import on, in this thread. */
export function instrumentFiles(files: readonly string[]): void {
  const instrumenter = createInstrumenter({
    esModules: true,
    compact: true,
    coverageVariable: VARIABLE,
    // Types stay in: Node takes them out afterwards, as always.
    parserPlugins: ['typescript', 'classProperties', 'classPrivateProperties', 'classPrivateMethods'],
  })
  const urls = new Set(files.map(sourceUrl))
  registerHooks({
    load(url, context, next) {
      if (!urls.has(url)) return next(url, context)
      const file = fileURLToPath(url)
      const source = instrumenter.instrumentSync(readFileSync(file, 'utf8'), file)
      return { format: 'module-typescript', source, shortCircuit: true }
    },
  })
}

/** The counters of files that were imported meanwhile, all in one array, which their code writes from now on. */
export function countersOf(files: readonly string[]): Uint32Array {
  const all = (Reflect.get(globalThis, VARIABLE) ?? {}) as Record<string, FileCounters>
  const kept = files.flatMap((file) => all[fileURLToPath(sourceUrl(file))] ?? [])
  const sizes = kept.flatMap(({ s, f, b }) => [sizeOf(s), sizeOf(f), ...Object.values(b).map(sizeOf)])
  const counters = new Uint32Array(sizes.reduce((sum, size) => sum + size, 0))
  let used = 0
  const next = (size: number) => {
    used += size
    return counters.subarray(used - size, used)
  }
  for (const file of kept) {
    file.s = next(sizeOf(file.s))
    file.f = next(sizeOf(file.f))
    for (const [branch, sides] of Object.entries(file.b)) file.b[branch] = next(sizeOf(sides))
  }
  return counters
}

function sourceUrl(file: string): string {
  return new URL(file, SOURCES).href
}

function sizeOf(counters: ArrayLike<number>): number {
  return Object.keys(counters).length
}
