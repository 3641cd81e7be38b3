import { APPEND_SHAPES, appendLines, appendReport } from '../bench/append-report.ts'
import { type ChatPlan, chatBench } from '../bench/chat-bench.ts'
import { chatLines, chatReport } from '../bench/chat-report.ts'
import { interleave } from '../bench/interleave.ts'
import { thisMachine } from '../bench/machine-node.ts'
import { openAppendArena } from './append-contestants-node.ts'
import { startHoldfast } from './chat-system-node.ts'
import { progressBar } from './progress-bar-node.ts'
import { type Arguments, EXIT, JSON_OPTION, suggestion, UsageError, type Verb, type VerbIo } from './verb.ts'
import { benchCompare } from './verb-bench-compare.ts'
import { benchFuzz } from './verb-bench-fuzz.ts'

const SINGLE_ROW_CLIENTS = 32

export const verb: Verb = {
  name: 'bench',
  summary:
    'Measures: beside peers, appends beside single-row commits, a whole chat end to end; and what hostile bytes do.',
  usage: [
    'bench compare [--rounds <number>] [--quick] [--only R1,R2] [--out <directory>]',
    'bench append [--rounds <number>] [--seconds <number>]',
    'bench chat [--quick]',
    'bench fuzz [--minutes <number>] [--seed <number>] [--decoder <name>] [--replay <file>]',
  ],
  examples: [
    {
      command: 'holdfast bench compare --quick',
      does: 'R1 to R9 beside Socket.IO with Redis and ejabberd, in a few minutes.',
    },
    { command: 'holdfast bench append', does: 'Fenced appends beside one INSERT per commit, same database.' },
    { command: 'holdfast bench chat --quick', does: 'A hundred conversations of four on a cluster of their own.' },
    {
      command: 'holdfast bench fuzz --minutes 5',
      does: 'Hostile inputs for every decoder and a real edge, led by coverage.',
    },
  ],
  options: {
    rounds: {
      type: 'string',
      default: '5',
      placeholder: 'number',
      help: 'append, compare: rounds; each measures all forth and back.',
    },
    seconds: { type: 'string', default: '1', placeholder: 'number', help: 'append: length of one measurement.' },
    quick: { type: 'boolean', default: false, help: 'chat, compare: shorter, smaller, and one round.' },
    only: { type: 'string', placeholder: 'ids', help: 'compare: these measures alone, such as R1,R2.' },
    out: {
      type: 'string',
      placeholder: 'directory',
      help: 'compare: writes benchmarks.md and benchmarks.json there; docs after a whole run.',
    },
    minutes: { type: 'string', default: '1', placeholder: 'number', help: 'fuzz: how long.' },
    seed: { type: 'string', default: '1', placeholder: 'number', help: 'fuzz: where chance begins.' },
    decoder: { type: 'string', placeholder: 'name', help: 'fuzz: this one alone; sockets is a real edge.' },
    replay: { type: 'string', placeholder: 'file', help: 'fuzz: with --decoder, reads the input of a finding again.' },
    json: JSON_OPTION,
  },
  notes: [
    'compare starts the peers of bench/peers (npm ci --prefix bench/peers; S needs redis-server, E ejabberd) and installs nothing by itself.',
    'CPU time and memory of the servers are read from /proc, on Linux only.',
    'Figures of a shared machine waver: compare the factors, which were measured side by side, not the rates.',
  ],
  run(args, io) {
    const word = args.word(0, 'What to measure (compare, append, chat or fuzz)')
    if (word === 'compare') return benchCompare(args, io)
    if (word === 'append') return append(args, io)
    if (word === 'chat') return chat(args, io)
    if (word === 'fuzz') return benchFuzz(args, io)
    throw new UsageError(`bench cannot "${word}".${suggestion(word, ['compare', 'append', 'chat', 'fuzz'])}`)
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

const CLUSTER = { edges: 2, chats: 2 }
const PLAN: ChatPlan = {
  rooms: 100,
  agents: 3,
  textLength: 200,
  perSecond: 500,
  phaseMs: 30_000,
  idleConnections: 5000,
}
const QUICK: ChatPlan = { ...PLAN, perSecond: 300, phaseMs: 6000, idleConnections: 1000 }

async function chat(args: Arguments, io: VerbIo): Promise<number> {
  const bar = progressBar('measuring')
  bar.update(0, 5, 'starting a cluster')
  const system = await startHoldfast(CLUSTER)
  const end = () => void system.stop()
  io.interrupted.addEventListener('abort', end)
  try {
    const plan = args.flag('quick') ? QUICK : PLAN
    const figures = await chatBench(system, plan, (done, total, note) => bar.update(done, total, note))
    bar.end()
    const report = chatReport(figures, { machine: thisMachine(), ...CLUSTER })
    if (args.flag('json')) io.out(JSON.stringify(report, null, 2))
    else for (const line of chatLines(report)) io.out(line)
    return report.passed ? EXIT.done : EXIT.failed
  } catch (error) {
    if (io.interrupted.aborted) return EXIT.interrupted
    throw error
  } finally {
    io.interrupted.removeEventListener('abort', end)
    await system.stop()
  }
}
