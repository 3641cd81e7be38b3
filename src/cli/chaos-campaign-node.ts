import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { thisMachine } from '../bench/machine-node.ts'
import { campaignMarkdown } from '../chaos/campaign-markdown.ts'
import { type CampaignReport, type CampaignSetup, campaignReport } from '../chaos/campaign-report.ts'
import type { Fault } from '../chaos/fault.ts'
import { faultCampaign, minutesPlan } from '../chaos/fault-campaign.ts'
import { ALL_FAULTS } from '../chaos/faults/all-faults.ts'
import { SHAPE } from '../chaos/loaded-cluster.ts'
import { PROGRAM_VERSION } from '../config/program-version-node.ts'
import { loadIn, seedIn, untilInterrupted } from './campaign-ground.ts'
import { type Arguments, EXIT, type OptionSpec, suggestion, UsageError, type VerbIo } from './verb.ts'

export const CAMPAIGN_USAGE =
  'chaos campaign [--minutes 10] [--seed <number>] [--conversations 100] [--faults <name,name>] [--report <directory>]'

/** Options of `chaos campaign` beside those of every campaign. */
export const CAMPAIGN_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  minutes: { type: 'string', default: '10', placeholder: 'number', help: 'With campaign: how long faults go on.' },
  faults: { type: 'string', placeholder: 'names', help: 'With campaign: only these. Default: all, mixed by weight.' },
}

/** The faults by name, for the help. */
export const FAULT_NOTES = ['Faults:', ...ALL_FAULTS.map(({ name, sentence }) => `  ${name}: ${sentence}`)].join('\n')

const MINUTES_MAX = 24 * 60

/** `holdfast chaos campaign`: all faults, mixed, and a report that can be shown. */
export async function campaignVerb(args: Arguments, io: VerbIo): Promise<number> {
  const minutes = args.number('minutes', { min: 1, max: MINUTES_MAX })
  const asked = faultsIn(args)
  const faults = asked.filter(possible)
  const leftOut = asked.filter((fault) => !possible(fault))
  if (faults.length === 0) throw new UsageError(`This machine can do none of these faults: ${namesOf(leftOut)}.`)
  const load = loadIn(args)
  const seed = seedIn(args, io)
  const result = await untilInterrupted(io, (onStarted, onProgress) =>
    faultCampaign({ ...load, plan: minutesPlan(faults, minutes), seed, onStarted, onProgress }),
  )
  if (!result) return EXIT.interrupted
  const setup = setupOf(args, io, { minutes, seed, conversations: load.conversations, visitorEveryMs: load.everyMs })
  const report = campaignReport(result, { seed, setup, faults, leftOut })
  const directory = args.text('report')
  if (directory !== undefined) keep(report, directory)
  if (args.flag('json')) io.out(JSON.stringify(report, null, 2))
  else io.out(campaignMarkdown(report))
  return report.passed ? EXIT.done : EXIT.failed
}

function faultsIn(args: Arguments): readonly Fault[] {
  const names = args.text('faults')?.split(',')
  if (!names) return ALL_FAULTS
  const known = ALL_FAULTS.map(({ name }) => name)
  for (const name of names)
    if (!known.includes(name)) throw new UsageError(`There is no fault "${name}".${suggestion(name, known)}`)
  return ALL_FAULTS.filter(({ name }) => names.includes(name))
}

function possible({ needs }: Fault): boolean {
  if (needs === undefined) return true
  return process.platform === 'linux' && (needs === 'linux' || process.getuid?.() === 0)
}

function setupOf(
  args: Arguments,
  io: VerbIo,
  told: Pick<CampaignSetup, 'conversations' | 'visitorEveryMs'> & { readonly minutes: number; readonly seed: number },
): CampaignSetup {
  const { minutes, seed, conversations, visitorEveryMs } = told
  const only = args.text('faults')
  const words = [
    `npx holdfast chaos campaign --minutes ${minutes} --seed ${seed}`,
    ...(conversations === 100 ? [] : [`--conversations ${conversations}`]),
    ...(only === undefined ? [] : [`--faults ${only}`]),
    `--report ${args.text('report') ?? 'docs'}`,
  ]
  return {
    program: PROGRAM_VERSION,
    machine: thisMachine(),
    date: new Date(io.clock.wallMs()).toISOString().slice(0, 10),
    ...SHAPE,
    conversations,
    visitorEveryMs,
    command: words.join(' '),
  }
}

/** The page for people, and everything that it was made from. */
function keep(report: CampaignReport, directory: string): void {
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, 'proof.md'), `${campaignMarkdown(report)}\n`)
  const { trials, ...rest } = report
  const lines = trials.map((trial) => `    ${JSON.stringify(trial)}`).join(',\n')
  // One line for each trial: a person may look through them, and a change stays readable.
  writeFileSync(
    join(directory, 'proof.json'),
    `${JSON.stringify(rest, null, 2).slice(0, -2)},\n  "trials": [\n${lines}\n  ]\n}\n`,
  )
}

function namesOf(faults: readonly Fault[]): string {
  return faults.map(({ name, needs }) => `${name} (needs ${needs})`).join(', ')
}
