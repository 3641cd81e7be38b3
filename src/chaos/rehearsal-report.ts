import { barLine, checkBars, type FaultBar, faultBar } from './fault-bars.ts'
import type { RehearsalStep } from './rehearsal-plan.ts'
import type { RehearsalResult, StepResult } from './rehearsal-result.ts'

export interface StepReport extends StepResult {
  readonly verdict: 'PASS' | 'FAIL' | 'LEFT OUT' | 'DECLINED'
  readonly bars: readonly FaultBar[]
  /** What to do about each thing that went wrong. */
  readonly advice: readonly string[]
}

export interface RehearsalReport extends Omit<RehearsalResult, 'steps'> {
  readonly steps: readonly StepReport[]
  readonly passed: boolean
}

const TAKEN_OVER_MS_MAX = 5000
const GAP = 'worst gap'
const TAKEN_OVER = 'canaries taken over'
const SOCKETS = 'sockets closed'
const UNSETTLED = 'left unsettled'

/** What a rehearsal is worth. It passes when something was done, and all of it held. */
export function rehearsalReport(result: RehearsalResult): RehearsalReport {
  const steps = result.steps.map(stepReport)
  const passed =
    !result.interrupted &&
    result.leftBehind.length === 0 &&
    steps.some(({ verdict }) => verdict === 'PASS') &&
    steps.every(({ verdict }) => verdict !== 'FAIL')
  return { ...result, steps, passed }
}

function stepReport(step: StepResult): StepReport {
  if (step.outcome === 'left-out' || step.outcome === 'declined')
    return { ...step, verdict: step.outcome === 'declined' ? 'DECLINED' : 'LEFT OUT', bars: [], advice: [] }
  const bars = barsOf(step)
  const holds = step.outcome === 'done' && bars.every((each) => each.holds)
  const broken = step.trouble === undefined ? [] : [`${step.trouble} ${BROKEN}`]
  const missed = bars.filter((each) => !each.holds).map(({ name }) => adviceOn(name, step.step))
  return { ...step, verdict: holds ? 'PASS' : 'FAIL', bars, advice: [...new Set([...broken, ...missed])] }
}

function barsOf(step: StepResult): readonly FaultBar[] {
  const { counts, unsettled, worst, takenOverMs, socketsClosed, keepsSockets, gapMsMax } = step
  return [
    // Epochs are not told to clients: they are not judged here.
    ...(counts ? checkBars({ counts }).filter(({ name }) => name !== 'epochs fallen') : []),
    faultBar(UNSETTLED, counts && unsettled === undefined ? 0 : 1, 0),
    faultBar(GAP, worst?.gapMs, gapMsMax, 'ms'),
    ...(keepsSockets
      ? [faultBar(TAKEN_OVER, takenOverMs, TAKEN_OVER_MS_MAX, 'ms'), faultBar(SOCKETS, socketsClosed, 0)]
      : []),
  ]
}

const BROKEN = 'Look at `holdfast status`, `holdfast doctor` and the log of the node before anything else.'

const SLOW: Readonly<Record<RehearsalStep, string>> = {
  drain:
    'A handover took longer than it should: look at the append latency in `/metrics` and at the load of the machines; a slow store or a busy processor is the usual cause.',
  kill: 'Clients waited too long for another node: look at the decisions `tombstone` and `adopt` on the cluster page, at the latency of the store, and at the load of the nodes that are left.',
  hand: 'Clients waited too long after the node fell silent: look at the decisions `tombstone` and `adopt` on the cluster page, at the latency of the store, and whether a balancer still sends people to the dead node.',
  cut: 'Clients were long in coming back: look whether they know the address of more than one edge (`addresses`), and whether a balancer or a proxy between them and the edges holds or delays new connections.',
}

/** What to look at when a bar is missed. */
function adviceOn(name: string, step: RehearsalStep): string {
  if (name === GAP) return SLOW[step]
  if (name === TAKEN_OVER)
    return 'No other node took the conversations in time: look whether another chat node is in service and not full (`limits.conversations`), and whether `/health/deps` is well there.'
  if (name === SOCKETS)
    return 'Clients lost their sockets though their edge was not touched: look at the log of the edges, and at the idle timeout of balancers and proxies in front of them.'
  if (name === UNSETTLED)
    return 'A canary was still without an answer when all was over: look at `/health/deps` of every node, and whether the store answers.'
  return 'Lost, doubled or reordered words must never happen: this is a fault of Holdfast. Keep this report and the logs of all nodes, and report it.'
}

/** The report as a person reads it on a terminal. */
export function rehearsalLines({ steps, leftBehind, passed, interrupted, canaries, node }: RehearsalReport) {
  const judged = steps.filter(({ verdict }) => verdict === 'PASS' || verdict === 'FAIL')
  const ending = passed ? 'PASS' : interrupted ? 'INTERRUPTED' : judged.length === 0 ? 'NOTHING WAS DONE' : 'FAIL'
  const acknowledged = steps.reduce((sum, step) => sum + step.acknowledged, 0)
  return [
    ...steps.flatMap((step) => [
      stepLine(step),
      ...step.bars.filter(({ holds }) => !holds).map((missed) => `    ${barLine(missed)}`),
      ...step.faults.map(({ kind, sentence }) => `    ${kind}: ${sentence}`),
      ...step.advice.map((advice) => `    What to do: ${advice}`),
    ]),
    ...leftBehind,
    `${ending}: ${judged.length} of ${steps.length} steps done on ${node}, ${canaries} canary conversations, ${acknowledged} acknowledged messages`,
  ]
}

function stepLine(step: StepReport): string {
  const { verdict, leftOut, takenOverMs } = step
  const what = `${verdict.padEnd(8)} ${stepName(step)}`
  if (verdict === 'LEFT OUT') return `${what}: ${leftOut}`
  if (verdict === 'DECLINED') return what
  return [
    `${what}: gap ${ms(step.worst?.gapMs)} (${step.worst?.client ?? 'nobody'})`,
    countsText(step),
    ...(takenOverMs === undefined ? [] : [`taken over after ${ms(takenOverMs)} by ${adoptersText(step)}`]),
    `${step.socketsClosed} sockets closed`,
    `over after ${ms(step.tookMs)}`,
  ].join(', ')
}

/** `kill n1`. */
export function stepName({ step, node }: StepResult): string {
  return node === undefined ? `${step} canary clients` : `${step} ${node}`
}

/** `0 lost, 0 duplicated, 0 reordered`. */
export function countsText({ counts }: StepResult): string {
  if (!counts) return 'not read back'
  return `${counts.lost} lost, ${counts.duplicated} duplicated, ${counts.reordered} reordered`
}

/** `n2 (3), n3 (1)`: who owns the victim's canaries now. */
export function adoptersText({ takeovers, node }: StepResult): string {
  const counts = new Map<string, number>()
  for (const { from, to } of takeovers) if (from === node) counts.set(to, (counts.get(to) ?? 0) + 1)
  return [...counts].map(([name, count]) => `${name} (${count})`).join(', ') || 'nobody'
}

export const ms = (value: number | undefined) => (value === undefined ? '(never)' : `${Math.round(value)} ms`)
