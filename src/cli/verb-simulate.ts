import {
  checkOwnership,
  outcomeLines,
  THOROUGH_SEARCHES,
  verdictLine,
} from '../simulation/exhaustive/check-ownership.ts'
import { PLANTED_BUGS } from '../simulation/planted-bugs/all-planted-bugs.ts'
import { runSeed, type SeedReport } from '../simulation/run-seed.ts'
import { SeedPool } from '../simulation/seed-pool-node.ts'
import { type CampaignReport, type PlantedFinding, runCampaign } from '../simulation/simulation-campaign.ts'
import { progressBar } from './progress-bar-node.ts'
import { type Arguments, EXIT, JSON_OPTION, type Verb, type VerbIo } from './verb.ts'

export const verb: Verb = {
  name: 'simulate',
  summary: 'Run whole clusters on simulated time, network and database, with faults drawn from seeds.',
  usage: [
    'simulate [--seeds <number>] [--minutes <number>]',
    'simulate --seed <number> [--trace]',
    'simulate --planted',
    'simulate --exhaustive',
  ],
  examples: [
    { command: 'holdfast simulate --seeds 50', does: 'runs 50 seeds, then looks for the planted bugs' },
    { command: 'holdfast simulate --seed 17 --trace', does: 'replays one seed and prints everything that happens' },
  ],
  options: {
    seeds: { type: 'string', default: '50', placeholder: 'number', help: 'How many seeds to run.' },
    minutes: { type: 'string', default: '2', placeholder: 'number', help: 'Simulated minutes per seed.' },
    seed: { type: 'string', placeholder: 'number', help: 'Run this seed alone; without --trace, twice.' },
    trace: { type: 'boolean', default: false, help: 'With --seed: print every line of its trace.' },
    planted: { type: 'boolean', default: false, help: 'Only look for the planted bugs.' },
    exhaustive: { type: 'boolean', default: false, help: 'Walk through every order of faults for 2 and 3 nodes.' },
    jobs: { type: 'string', default: '2', placeholder: 'number', help: 'Seeds to run at the same time.' },
    json: JSON_OPTION,
  },
  notes: [
    'Production code runs on simulated ports; the same seed gives the same trace, by the same program, on every machine.',
    'Exit code 0: no rule was broken, every planted bug was found by a rule that it breaks, and the canary, which must fail, failed.',
    'With --exhaustive: every search visited every state down to its depth, and none broke a rule; one that stops before, for the number of states, is no proof and ends with 1.',
  ],
  async run(args, io) {
    if (args.flag('exhaustive')) return exhaustive(args, io)
    const seed = args.number('seed', { absent: -1, min: -1 })
    return seed < 0 ? campaign(args, io) : single(seed, args, io)
  },
}

async function exhaustive(args: Arguments, io: VerbIo): Promise<number> {
  const json = args.flag('json')
  const tell = (lines: readonly string[]) => {
    if (!json) for (const line of lines) io.out(line)
  }
  const report = await checkOwnership(
    THOROUGH_SEARCHES,
    (outcome) => tell(outcomeLines(outcome)),
    () => io.interrupted.aborted,
  )
  tell([verdictLine(report)])
  if (json) io.out(JSON.stringify(report, null, 2))
  if (io.interrupted.aborted) return EXIT.interrupted
  return report.passed ? EXIT.done : EXIT.failed
}

async function campaign(args: Arguments, io: VerbIo): Promise<number> {
  const jobs = args.number('jobs', { min: 1, max: 64 })
  const minutes = args.number('minutes', { min: 1, max: 600 })
  const pool = new SeedPool(jobs)
  const bar = progressBar('simulating')
  // Nobody waits for a run that is under way.
  io.interrupted.addEventListener('abort', () => void pool.close())
  try {
    const report = await runCampaign({
      seeds: args.number('seeds', { min: 1 }),
      firstSeed: 1,
      minutes,
      clean: !args.flag('planted'),
      planted: true,
      jobs,
      run: (job) => pool.run(job),
      onProgress: (done, total, note) => bar.update(done, total, note),
      stopped: () => io.interrupted.aborted,
    })
    bar.end()
    if (args.flag('json')) io.out(JSON.stringify(report, null, 2))
    else for (const line of campaignLines(report, minutes)) io.out(line)
    if (io.interrupted.aborted) return EXIT.interrupted
    return report.passed ? EXIT.done : EXIT.failed
  } finally {
    await pool.close()
  }
}

async function single(seed: number, args: Arguments, io: VerbIo): Promise<number> {
  const minutes = args.number('minutes', { min: 1, max: 600 })
  const traces = args.flag('trace')
  const stopped = () => io.interrupted.aborted
  const report = await runSeed({ seed, minutes, stopped, ...(traces && { traceSink: (line: string) => io.out(line) }) })
  const again = traces ? report : await runSeed({ seed, minutes, stopped })
  if (io.interrupted.aborted) return EXIT.interrupted
  if (args.flag('json')) io.out(JSON.stringify({ ...report, replayedAlike: again.hash === report.hash }, null, 2))
  else {
    for (const line of report.violation ? failureLines(report, minutes) : []) io.out(line)
    io.out(`seed ${seed}: ${report.violation ? 'a rule was broken' : 'no rule was broken'}, trace ${report.hash}`)
    if (again.hash !== report.hash) io.out(`The second run gave another trace, ${again.hash}.`)
  }
  return report.violation || again.hash !== report.hash ? EXIT.failed : EXIT.done
}

/** A failed seed as a person needs it: what, when, how it came to it, and how to see it again. */
function failureLines({ seed, violation, tail }: SeedReport, minutes: number): readonly string[] {
  if (!violation) return []
  return [
    `seed ${seed} broke ${violation.rule} after ${(violation.atMs / 1000).toFixed(3)} s: ${violation.sentence}`,
    ...tail.map((line) => `  ${line}`),
    `replay: holdfast simulate --seed ${seed} --minutes ${minutes} --trace`,
    '',
  ]
}

function plantedLine({ name, breaks, found, foundBy, otherRules, medianSeeds }: PlantedFinding): string {
  const told = found ? `found by ${foundBy.join(', ')}, median ${medianSeeds} seeds` : 'NOT FOUND'
  const others = otherRules.length > 0 ? `; ${otherRules.join(', ')} spoke, too, and did not count` : ''
  return `planted ${name}, breaks ${breaks.join(', ')}: ${told}${others}`
}

function campaignLines(report: CampaignReport, minutes: number): readonly string[] {
  const { counts } = report
  const crashes = `${counts['node crashed']} crashes with conversations, ${counts['machine lost']} machines lost`
  const cuts = counts.partition + counts['one-way partition']
  const pauses = counts['node paused past its lease']
  const states = Object.entries(counts).map(([state, times]) => `  ${String(times).padStart(8)}  ${state}`)
  return [
    ...report.failures.flatMap((failure) => failureLines(failure, minutes)),
    ...(report.seeds === 0 ? [] : ['reached:', ...states]),
    ...report.planted.map(plantedLine),
    `canary: ${report.canaryFailed ? 'failed, as it must' : 'PASSED: the checkers are blind'}`,
    `${crashes}, ${cuts} partitions, ${pauses} pauses past the lease, ${report.indefinite} indefinite outcomes, ${counts.handover} handovers`,
    `${report.acknowledged} acknowledged commands in ${report.events} events; ${report.replayed} seeds run twice, ${report.diverged.length} diverged`,
    ...(report.unreached.length > 0 ? [`never reached: ${report.unreached.join(', ')}`] : []),
    `${report.seeds} seeds, ${report.simulatedHours.toFixed(2)} simulated hours in ${report.realSeconds.toFixed(1)} s (${Math.round(report.speedUp)} times as fast), violations ${report.failures.length}, planted found ${report.planted.filter(({ found }) => found).length}/${PLANTED_BUGS.length}`,
  ]
}
