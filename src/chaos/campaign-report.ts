import type { Machine } from '../bench/machine-node.ts'
import { percentile } from '../bench/statistics.ts'
import type { Fault, FaultClass } from './fault.ts'
import { checkBars, type FaultBar, faultBar } from './fault-bars.ts'
import { type CampaignResult, healed } from './fault-campaign.ts'
import { type GapSummary, summariseGaps } from './gap-statistics.ts'
import { ADOPTED_MS_MAX } from './kill-report.ts'
import type { Trial } from './trial.ts'

/** On what a campaign ran. */
export interface CampaignSetup {
  /** Version of Holdfast. */
  readonly program: string
  readonly machine: Machine
  /** `2026-11-21` */
  readonly date: string
  readonly edges: number
  readonly chats: number
  readonly conversations: number
  /** Milliseconds between two messages of one visitor, and of one agent. */
  readonly visitorEveryMs: number
  readonly agentEveryMs: number
  readonly textLength: number
  /** The command line that repeats it. */
  readonly command: string
}

/** What one fault did to clients. */
interface FaultFigures {
  readonly name: string
  readonly faultClass: FaultClass
  readonly sentence: string
  readonly trials: number
  readonly gaps?: GapSummary
}

/** What faults of one class, which have one bar, did to clients. */
export interface ClassFigures {
  readonly faultClass: FaultClass
  /** Names of the faults. */
  readonly faults: readonly string[]
  readonly trials: number
  readonly gaps?: GapSummary
  /** Holds the p99 where there are trials enough for one, else the maximum. */
  readonly bar: FaultBar
}

export interface CampaignReport extends CampaignResult {
  readonly seed: number
  readonly setup: CampaignSetup
  readonly faults: readonly FaultFigures[]
  readonly classes: readonly ClassFigures[]
  /** Faults that cannot be done on this machine, and what they need. */
  readonly leftOut: readonly { readonly name: string; readonly needs: string }[]
  readonly adoptions: { readonly trials: number; readonly p50Ms?: number; readonly maxMs?: number }
  readonly bars: readonly FaultBar[]
  readonly passed: boolean
}

export interface CampaignTerms {
  readonly seed: number
  readonly setup: CampaignSetup
  readonly faults: readonly Fault[]
  readonly leftOut: readonly Fault[]
}

/** What a mixed campaign is worth. */
export function campaignReport(
  result: CampaignResult,
  { seed, setup, faults, leftOut }: CampaignTerms,
): CampaignReport {
  const { trials, verdict, brokenOff } = result
  const classes = classesOf(faults).flatMap((faultsOfClass) => classFigures(faultsOfClass, trials))
  const toAdopt = trials.filter(({ owned }) => owned > 0)
  const adopted = toAdopt.flatMap(({ adoptedMs }) => adoptedMs ?? [])
  const adoptions = {
    trials: toAdopt.length,
    ...(adopted.length > 0 && { p50Ms: percentile(adopted, 0.5), maxMs: percentile(adopted, 1) }),
  }
  const allAdopted = adopted.length === toAdopt.length ? adoptions.maxMs : undefined
  const bars = [
    ...checkBars(verdict.check),
    faultBar('left unsettled', verdict.unsettled === undefined ? 0 : 1, 0),
    faultBar(
      'faults that did not heal',
      trials.length === 0 ? undefined : trials.filter((one) => !healed(one)).length,
      0,
    ),
    faultBar('broken off', brokenOff === undefined ? 0 : 1, 0),
    ...(toAdopt.length > 0 ? [faultBar('all adopted', allAdopted, ADOPTED_MS_MAX, 'ms')] : []),
    ...classes.map((figures) => figures.bar),
  ]
  return {
    seed,
    setup,
    ...result,
    faults: faults.flatMap((fault) => faultFigures(fault, trials)),
    classes,
    leftOut: leftOut.map(({ name, needs = '' }) => ({ name, needs })),
    adoptions,
    bars,
    passed: bars.every(({ holds }) => holds),
  }
}

/** Faults of a class that have one bar, in the order of the list. */
function classesOf(faults: readonly Fault[]): readonly (readonly Fault[])[] {
  return Object.values(Object.groupBy(faults, ({ faultClass, gapMsMax }) => `${faultClass} ${gapMsMax}`)).flatMap(
    (group) => (group ? [group] : []),
  )
}

function classFigures(faults: readonly Fault[], all: readonly Trial[]): readonly ClassFigures[] {
  const [first] = faults
  const names = faults.map(({ name }) => name)
  const trials = all.filter(({ fault }) => names.includes(fault))
  if (!first || trials.length === 0) return []
  const gaps = gapsOf(trials)
  const what = gaps?.p99Ms === undefined ? 'longest gap' : 'p99 of gaps'
  const gated = faultBar(
    `${first.faultClass} (${names.join(', ')}): ${what}`,
    gaps?.p99Ms ?? gaps?.maxMs,
    first.gapMsMax,
    'ms',
  )
  return [{ faultClass: first.faultClass, faults: names, trials: trials.length, ...(gaps && { gaps }), bar: gated }]
}

function faultFigures({ name, faultClass, sentence }: Fault, all: readonly Trial[]): readonly FaultFigures[] {
  const trials = all.filter(({ fault }) => fault === name)
  const gaps = gapsOf(trials)
  return trials.length === 0 ? [] : [{ name, faultClass, sentence, trials: trials.length, ...(gaps && { gaps }) }]
}

function gapsOf(trials: readonly Trial[]): GapSummary | undefined {
  return summariseGaps(trials.flatMap(({ worst }) => worst?.gapMs ?? []))
}
