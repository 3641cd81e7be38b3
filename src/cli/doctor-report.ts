import type { DoctorAnswer, DoctorSeverity } from '../protocol/doctor-answers.ts'
import { textTable } from './text-table.ts'

const CELLS: Readonly<Record<DoctorSeverity, string>> = { ok: 'ok', warning: 'warning', failed: 'FAILED' }
const UNSEEN = '-'

/** A cluster as its doctor sees it: checks by nodes, then everything that is not as it should be, and what to do. */
export function describeCluster(answer: DoctorAnswer): readonly string[] {
  const names = answer.nodes.map(({ node }) => node)
  const rows = answer.checks.map(({ check, title }) => [title, ...names.map((node) => cellOf(answer, check, node))])
  const wrong = answer.findings.filter(({ severity }) => severity !== 'ok')
  return [
    `Every node, as ${answer.node} was told:`,
    '',
    ...textTable(['check', ...names], rows),
    ...(wrong.length > 0 ? [''] : []),
    ...wrong.flatMap(({ check, severity, sentence, remedy }) => [
      `${CELLS[severity].padEnd(7)}  ${titleOf(answer, check)}: ${sentence}`,
      ...(remedy ? [`         -> ${remedy}`] : []),
    ]),
  ]
}

/** The worst that is said of a node; of one that could not be looked at nothing is. */
function cellOf({ findings }: DoctorAnswer, check: string, node: string): string {
  const severities = findings
    .filter((finding) => finding.check === check && finding.nodes.includes(node))
    .map(({ severity }) => severity)
  const worst = (['failed', 'warning', 'ok'] as const).find((severity) => severities.includes(severity))
  return worst ? CELLS[worst] : UNSEEN
}

function titleOf({ checks }: DoctorAnswer, name: string): string {
  return checks.find(({ check }) => check === name)?.title ?? name
}
