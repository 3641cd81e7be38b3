import { barLine, checkBars, countsLine, type FaultBar, faultBar } from './fault-bars.ts'
import type { Replacement, RollResult } from './roll-campaign.ts'

interface RollReport extends RollResult {
  readonly worstGapMs?: number
  readonly bars: readonly FaultBar[]
  readonly passed: boolean
}

const GAP_MS_MAX = 500

/** What a rolling replacement is worth. */
export function rollReport(result: RollResult): RollReport {
  const { replacements, verdict, refusals, socketsClosed } = result
  const gaps = replacements.flatMap(({ worst }) => worst?.gapMs ?? [])
  const worstGapMs = gaps.length === replacements.length && gaps.length > 0 ? Math.max(...gaps) : undefined
  const unfinished = replacements.filter(
    ({ drainedMs, replacedMs }) => drainedMs === undefined || replacedMs === undefined,
  )
  const owned = replacements.reduce((sum, each) => sum + each.owned, 0)
  // What the drain did not move was adopted from a dead node: nobody may wait that long for a planned replacement.
  const notMoved = replacements.reduce((sum, each) => sum + Math.max(0, each.owned - each.moved), 0)
  const bars = [
    ...checkBars(verdict.check),
    faultBar('left unsettled', verdict.unsettled === undefined ? 0 : 1, 0),
    faultBar('nodes not replaced', unfinished.length, 0),
    faultBar('conversations not handed over', owned > 0 ? notMoved : undefined, 0),
    faultBar('refused', refusals, 0),
    faultBar('sockets closed', socketsClosed, 0),
    faultBar('worst handover gap', worstGapMs, GAP_MS_MAX, 'ms'),
  ]
  return { ...result, ...(worstGapMs !== undefined && { worstGapMs }), bars, passed: bars.every(({ holds }) => holds) }
}

/** The report as a person reads it; the figures that count are last. */
export function rollLines({ replacements, verdict, refusals, socketsClosed, worstGapMs, bars }: RollReport) {
  const { check, messagesPerSecond, unsettled } = verdict
  return [
    ...replacements.map(replacementLine),
    ...check.faults.map(({ kind, sentence }) => `${kind}: ${sentence}`),
    ...(unsettled === undefined ? [] : [`left unsettled: ${unsettled}`]),
    `${check.conversations} conversations, ${check.acknowledged} acknowledged commands (${messagesPerSecond}/s), ${check.delivered} deliveries`,
    ...bars.filter(({ holds }) => !holds).map(barLine),
    `${countsLine(check)}; ${refusals} refused, ${socketsClosed} sockets closed, worst handover gap ${ms(worstGapMs)} (bar ${GAP_MS_MAX} ms)`,
  ]
}

function replacementLine({ node, owned, moved, drainedMs, replacedMs, worst }: Replacement): string {
  const gap = `gap ${ms(worst?.gapMs)} from ${ms(worst?.fromMs)} on (${worst?.client ?? 'nobody'})`
  return `${node}: ${moved} of ${owned} conversations handed over in ${ms(drainedMs)}, successor serves after ${ms(replacedMs)}, ${gap}`
}

const ms = (value: number | undefined) => (value === undefined ? '(never)' : `${Math.round(value)} ms`)
