import { APPEND_SHAPES, appendLines, appendReport } from '../bench/append-report.ts'
import { interleave } from '../bench/interleave.ts'
import { thisMachine } from '../bench/machine-node.ts'
import { openAppendArena } from './append-contestants-node.ts'
import { progressBar } from './progress-bar-node.ts'
import { type Arguments, EXIT, JSON_OPTION, UsageError, type Verb, type VerbIo } from './verb.ts'

const SINGLE_ROW_CLIENTS = 32

export const verb: Verb = {
  name: 'bench',
  summary: 'Measures: appends beside single-row commits, and a whole chat end to end.',
  usage: ['bench append [--rounds <number>] [--seconds <number>]'],
  examples: [{ command: 'holdfast bench append', does: 'Fenced appends beside one INSERT per commit, same database.' }],
  options: {
    rounds: { type: 'string', default: '5', placeholder: 'number', help: 'Rounds; each measures all forth and back.' },
    seconds: { type: 'string', default: '1', placeholder: 'number', help: 'Length of one measurement.' },
    json: JSON_OPTION,
  },
  notes: ['Figures of a shared machine waver: compare the factors, which were measured side by side, not the rates.'],
  run(args, io) {
    const word = args.word(0, 'What to measure (append)')
    if (word === 'append') return append(args, io)
    throw new UsageError(`bench measures append, not "${word}".`)
  },
}

async function append(args: Arguments, io: VerbIo): Promise<number> {
  const rounds = args.number('rounds', { min: 1, max: 1000 })
  const durationMs = args.number('seconds', { min: 1, max: 60 }) * 1000
  const arena = await openAppendArena({ shapes: APPEND_SHAPES, singleRowClients: SINGLE_ROW_CLIENTS, durationMs })
  try {
    const bar = progressBar('measuring')
    const samples = await interleave(arena.contestants, {
      rounds,
      stopped: () => io.interrupted.aborted,
      onProgress: (done, total) => bar.update(done, total),
    })
    bar.end()
    if (io.interrupted.aborted) return EXIT.interrupted
    const facts = { machine: thisMachine(), database: arena.database, singleRowClients: SINGLE_ROW_CLIENTS }
    const report = appendReport(samples, facts)
    if (args.flag('json')) io.out(JSON.stringify(report, null, 2))
    else for (const line of appendLines(report)) io.out(line)
    return report.passed ? EXIT.done : EXIT.failed
  } finally {
    await arena.close()
  }
}
