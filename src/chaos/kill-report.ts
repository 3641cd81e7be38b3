import type { Fault } from './fault.ts'
import { barLine, checkBars, countsLine, type FaultBar, faultBar } from './fault-bars.ts'
import { type CampaignResult, healed } from './fault-campaign.ts'
import { type GapSummary, summariseGaps } from './gap-statistics.ts'
import type { Trial } from './trial.ts'

interface KillReport extends CampaignResult {
  /** Name of the fault, and what it does. */
  readonly fault: string
  readonly sentence: string
  readonly seed: number
  readonly gaps?: GapSummary
  readonly adoptedMsMax?: number
  readonly bars: readonly FaultBar[]
  readonly passed: boolean
}

/** From the death of an owner until all its conversations have another. */
export const ADOPTED_MS_MAX = 5000

/** What a campaign's result is worth. */
export function killReport(result: CampaignResult, fault: Fault, seed: number): KillReport {
  const { trials, verdict } = result
  const gaps = summariseGaps(trials.flatMap(({ worst }) => worst?.gapMs ?? []))
  const toAdopt = trials.filter(({ owned }) => owned > 0)
  const adoptedMsMax = largest(toAdopt.map(({ adoptedMs }) => adoptedMs))
  const bars = [
    ...checkBars(verdict.check),
    faultBar('left unsettled', verdict.unsettled === undefined ? 0 : 1, 0),
    faultBar('faults that did not heal', trials.filter((trial) => !healed(trial)).length, 0),
    ...(toAdopt.length > 0 ? [faultBar('all adopted', adoptedMsMax, ADOPTED_MS_MAX, 'ms')] : []),
    faultBar('worst gap', trials.length === 0 ? undefined : gaps?.maxMs, fault.gapMsMax, 'ms'),
  ]
  return {
    fault: fault.name,
    sentence: fault.sentence,
    seed,
    ...result,
    ...(gaps && { gaps }),
    ...(adoptedMsMax !== undefined && { adoptedMsMax }),
    bars,
    passed: bars.every(({ holds }) => holds),
  }
}

/** The report as a person reads it; the figures that count are last. */
export function killLines(report: KillReport): readonly string[] {
  const { sentence, seed, trials, verdict, gaps, bars, counters } = report
  const { check, messagesPerSecond, unsettled } = verdict
  const p99 = gaps?.p99Ms === undefined ? '' : `, p99 ${Math.round(gaps.p99Ms)} ms`
  return [
    `${sentence}, ${trials.length} times under load, seed ${seed} (it draws victims and instants; real processes keep no more)`,
    ...trials.map(trialLine),
    ...check.faults.map(({ kind, sentence }) => `${kind}: ${sentence}`),
    ...(unsettled === undefined ? [] : [`left unsettled: ${unsettled}`]),
    `${check.conversations} conversations, ${check.acknowledged} acknowledged commands (${messagesPerSecond}/s), ${check.refused} refused, ${check.delivered} deliveries`,
    `the nodes counted ${Object.entries(counters)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')}`,
    ...bars.filter(({ holds }) => !holds).map(barLine),
    ...bars.filter(({ unit, holds }) => unit === 'ms' && holds).map(barLine),
    `${countsLine(check)}; worst client's gap p50 ${ms(gaps?.p50Ms)}${p99}, maximum ${ms(gaps?.maxMs)} over ${trials.length} faults`,
  ]
}

function trialLine(trial: Trial, index: number): string {
  const { victim, owned, worst, adoptedMs, wholeMs, faultMs, socketsClosed, failure } = trial
  return [
    `${index + 1}. ${victim ?? `not done: ${failure}`}`,
    ...(faultMs === undefined ? [] : [`for ${ms(faultMs)}`]),
    `gap ${ms(worst?.gapMs)} from ${ms(worst?.fromMs)} on (${worst?.client ?? 'nobody'})`,
    ...(owned > 0 ? [`${owned} conversations adopted after ${ms(adoptedMs)}`] : []),
    `whole after ${ms(wholeMs)}`,
    `${socketsClosed} sockets closed`,
  ].join(', ')
}

/** `undefined` when one of them did not come, or there are none. */
function largest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length === values.length && known.length > 0 ? Math.max(...known) : undefined
}

const ms = (value: number | undefined) => (value === undefined ? '(never)' : `${Math.round(value)} ms`)
