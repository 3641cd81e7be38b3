import { adoptersText, countsText, ms, type RehearsalReport, type StepReport, stepName } from './rehearsal-report.ts'
import type { ChronicleLine } from './rehearsal-result.ts'

/** The report as a document to be kept: what was done when, what came of it, and what to do. */
export function rehearsalMarkdown(report: RehearsalReport): string {
  const { startedAtMs, publicUrl, version, nodes, canaries, steps, chronicle, leftBehind, passed, interrupted } = report
  return [
    '# Rehearsal of a failover',
    '',
    `${publicUrl}, Holdfast ${version}, ${utc(startedAtMs)} UTC: **${passed ? 'PASS' : interrupted ? 'INTERRUPTED' : 'FAIL'}**`,
    '',
    `${canaries} canary conversations, a visitor and an agent each, talked by the public WebSocket while this was done. The`,
    'gap is the longest silence of one of them. Lost, duplicated and reordered are found by comparing what every canary',
    'sent, was told and was given with the log as the cluster reads it.',
    '',
    '## Steps',
    '',
    '| step | result | worst gap (bar) | lost, duplicated, reordered | taken over by | over after |',
    '| --- | --- | --- | --- | --- | --- |',
    ...steps.map(row),
    '',
    ...section('What to do', adviceOf(report)),
    ...section('What was done when (UTC)', chronicle.map(chronicleLine)),
    ...section(
      'Nodes at the beginning',
      nodes.map(({ name, role, state, mode, version: own, owned, sockets }) => {
        return `${name}: ${role}, ${state}, ${mode}, ${own}, ${owned} conversations, ${sockets} sockets`
      }),
    ),
    ...section('Limits of the method', LIMITS),
    ...(leftBehind.length === 0 ? [] : section('Left behind', leftBehind)),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n')
}

const LIMITS: readonly string[] = [
  'One fault of each kind is a rehearsal, not a measurement: `holdfast chaos kill` does hundreds on a cluster of its own.',
  'The gap holds the way from this machine to the cluster, and messages are 150 ms apart.',
  'SIGKILL does not test the disk: the page cache survives it. `holdfast doctor` checks the settings of PostgreSQL.',
  'The log was read back through the cluster, not from the database.',
]

function row(step: StepReport): string {
  const { verdict, leftOut, gapMsMax, worst, tookMs } = step
  const cells =
    verdict === 'PASS' || verdict === 'FAIL'
      ? [`${ms(worst?.gapMs)} (${gapMsMax} ms)`, countsText(step), takenOver(step), ms(tookMs)]
      : [leftOut ?? 'the operator said no', '', '', '']
  return `| ${[stepName(step), verdict, ...cells].join(' | ')} |`
}

function takenOver(step: StepReport): string {
  return step.takenOverMs === undefined ? '' : `${adoptersText(step)} after ${ms(step.takenOverMs)}`
}

function adviceOf({ steps }: RehearsalReport): readonly string[] {
  const advice = steps.flatMap((step) => step.advice.map((sentence) => `${stepName(step)}: ${sentence}`))
  const faults = steps.flatMap((step) => step.faults.map(({ kind, sentence }) => `${kind}: ${sentence}`))
  return advice.length === 0 ? ['Nothing: every bar held.'] : [...advice, ...faults]
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return [`## ${title}`, '', ...lines.map((line) => `- ${line}`), '']
}

/** `15:20:01.250 n2 is killed.` */
export function chronicleLine({ atMs, sentence }: ChronicleLine): string {
  return `${utc(atMs).slice(-8)}.${String(Math.floor(atMs) % 1000).padStart(3, '0')} ${sentence}`
}

/** `2026-01-31 15:20:01`, in UTC. */
function utc(wallMs: number): string {
  const format = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone: 'UTC' })
  return format.format(wallMs)
}
