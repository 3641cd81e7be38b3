import { type Bar, bar, barLine, checkBars, countsLine } from './bars.ts'
import { type GapSummary, summariseGaps } from './gap-statistics.ts'
import { FAULT_KINDS, type FaultTarget, type KillResult, type Trial } from './kill-campaign.ts'

export interface KillReport extends KillResult {
  readonly target: FaultTarget
  readonly seed: number
  readonly gaps?: GapSummary
  readonly adoptedMsMax?: number
  readonly bars: readonly Bar[]
  readonly passed: boolean
}

/** Longest silence that a client may see, milliseconds. */
const GAP_MS_MAX: Readonly<Record<FaultTarget, number>> = { chat: 1000, edge: 2000, pause: 2000, database: 10_000 }
const ADOPTED_MS_MAX = 5000

/** What a campaign's result is worth. */
export function killReport(result: KillResult, { target, seed }: { target: FaultTarget; seed: number }): KillReport {
  const { trials, verdict } = result
  const gaps = summariseGaps(trials.flatMap(({ worst }) => worst?.gapMs ?? []))
  const toAdopt = trials.filter(({ owned }) => owned > 0)
  const adoptedMsMax = largest(toAdopt.map(({ adoptedMs }) => adoptedMs))
  const unhealed = trials.filter(({ servedMs, wholeMs }) => servedMs === undefined || wholeMs === undefined).length
  const bars = [
    ...checkBars(verdict.check),
    bar('left unsettled', verdict.unsettled === undefined ? 0 : 1, 0),
    bar('faults that did not heal', unhealed, 0),
    ...(toAdopt.length > 0 ? [bar('all adopted', adoptedMsMax, ADOPTED_MS_MAX, 'ms')] : []),
    bar('worst gap', trials.length === 0 ? undefined : gaps?.maxMs, GAP_MS_MAX[target], 'ms'),
  ]
  return {
    target,
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
  const { target, seed, trials, verdict, gaps, bars, counters } = report
  const { check, messagesPerSecond, unsettled } = verdict
  const p99 = gaps?.p99Ms === undefined ? '' : `, p99 ${Math.round(gaps.p99Ms)} ms`
  return [
    `${FAULT_KINDS[target]}, ${trials.length} times under load, seed ${seed} (it draws victims and instants; real processes keep no more)`,
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
  const { victim, owned, worst, adoptedMs, wholeMs, faultMs, socketsClosed } = trial
  return [
    `${index + 1}. ${victim}`,
    ...(faultMs === undefined ? [] : [`stopped for ${ms(faultMs)}`]),
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
