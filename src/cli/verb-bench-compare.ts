import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compare } from '../bench/compare.ts'
import { comparePage } from '../bench/compare-page.ts'
import { compareLines, compareReport } from '../bench/compare-report.ts'
import type { Measure } from '../bench/comparison.ts'
import { type ComparisonScale, FULL_SCALE, QUICK_SCALE } from '../bench/comparison-scale.ts'
import { thisMachine } from '../bench/machine-node.ts'
import { allMeasures } from '../bench/measures/all-measures.ts'
import { openArena } from './compare-contestants-node.ts'
import { progressBar } from './progress-bar-node.ts'
import { type Arguments, EXIT, UsageError, type VerbIo } from './verb.ts'

const DOCS = fileURLToPath(new URL('../../docs', import.meta.url))

/** `bench compare`: R1 to R9 beside their peers. Exit 0 only when every bar holds. */
export async function benchCompare(args: Arguments, io: VerbIo): Promise<number> {
  const quick = args.flag('quick')
  const scale = quick ? QUICK_SCALE : FULL_SCALE
  const rounds = quick ? 1 : args.number('rounds', { min: 1, max: 100 })
  const measures = chosen(args.text('only'), scale)
  const whole = !quick && args.text('only') === undefined
  const out = args.text('out') ?? (whole ? DOCS : undefined)
  const bar = progressBar('comparing')
  let progress = { done: 0, total: 1 }
  const arena = await openArena({ rounds, scale, say: (note) => bar.update(progress.done, progress.total, note) })
  const end = () => void arena.close()
  io.interrupted.addEventListener('abort', end)
  try {
    for (const sentence of arena.leftOut) io.err(sentence)
    const outcomes = await compare(arena, measures, (done, total, note) => {
      progress = { done, total }
      bar.update(done, total, note)
    })
    bar.end()
    if (io.interrupted.aborted) return EXIT.interrupted
    const versions = await arena.versions()
    const facts = { machine: thisMachine(), versions, rounds, quick, scale, leftOut: arena.leftOut }
    const report = compareReport(outcomes, facts)
    if (out !== undefined) {
      mkdirSync(out, { recursive: true })
      writeFileSync(join(out, 'benchmarks.md'), comparePage(report))
      writeFileSync(join(out, 'benchmarks.json'), `${JSON.stringify(report, null, 1)}\n`)
    }
    if (args.flag('json')) io.out(JSON.stringify(report, null, 2))
    else for (const line of compareLines(report)) io.out(line)
    return report.passed ? EXIT.done : EXIT.failed
  } finally {
    io.interrupted.removeEventListener('abort', end)
    await arena.close()
  }
}

/** The measures that `--only` names; all without it. */
function chosen(only: string | undefined, scale: ComparisonScale): readonly Measure[] {
  const all = allMeasures(scale)
  if (only === undefined) return all
  return only.split(',').map((id) => {
    const measure = all.find((each) => each.id === id.trim().toUpperCase())
    if (measure) return measure
    throw new UsageError(`--only must name measures of ${all.map((each) => each.id).join(', ')}, not "${id}".`)
  })
}
