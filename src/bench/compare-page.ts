import type { MeasureOutcome } from './compare.ts'
import { type CompareReport, figureText, valueText } from './compare-report.ts'

/** The report as a page: `docs/benchmarks.md`. */
export function comparePage(report: CompareReport): string {
  const { machine, versions, rounds, quick, scale, leftOut, measures, passed } = report
  const missed = measures.flatMap(({ id, bars }) => bars.filter(({ holds }) => !holds).map((bar) => ({ id, bar })))
  return [
    '# Benchmarks: Holdfast beside its peers',
    '',
    'Written by `npx holdfast bench compare`; the samples of every turn are in `benchmarks.json` beside this page.',
    'Everything was measured in one run on one machine, in turns, forth and back. Look at the ratios: absolute figures of a',
    'shared machine are not worth quoting.',
    ...(quick ? ['**A quick run: it shows that everything runs; its figures waver too much to be quoted.**'] : []),
    '',
    '## Bars',
    '',
    '| id | bar | measured: median (range) | |',
    '| --- | --- | --- | --- |',
    ...measures.flatMap(({ id, bars }) =>
      bars.map((bar) => `| ${id} | ${bar.sentence} | ${valueText(bar)} | ${bar.holds ? 'holds' : '**missed**'} |`),
    ),
    '',
    passed ? 'All bars hold.' : `${missed.length} missed; see "What we lose at".`,
    '',
    ...lossesOf(missed.map(({ id }) => id)),
    ...measures.flatMap((measure) => sectionOf(measure, measures)),
    '## How it was measured',
    '',
    `- Machine: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.platform}.`,
    `- Versions: ${versions.join(', ')}.`,
    `- Rounds of two turns each: ${rounds}, after a warm-up that does not count; turns of ${scale.turnMs / 1000} s; ${scale.rooms} conversations of ${scale.agents + 1}, ${scale.textLength}-byte messages, ${scale.perSecond} messages/s where the load is equal (${scale.fewPerSecond} for the low load); closed loops of ${scale.unanswered.join(', ')} unanswered.`,
    `- A crowd of ${scale.crowd.rooms * scale.crowd.clientsPerRoom} clients in ${scale.crowd.rooms} rooms with ${scale.crowd.missed} missed messages each; ${scale.kills} kills; ${scale.idleConnections} idle connections.`,
    '- The same contract for all: acknowledged after a durable commit; a PostgreSQL of its own for each, from the same binaries with the same settings; no TLS towards clients, no compression; clients come back within 500 ms at random. Links between our own nodes are mutual TLS all the same.',
    '- One generator over `ws` for all protocols, in one process; servers, databases and generator share the machine. Its CPU time is in the tables.',
    '- Ours: two nodes that serve clients and own conversations (R9: two edges before chat nodes), and their supervisor. Peers: two nodes, E one. `bench/peers/README.md` says what S, S’, E, P and the floor are.',
    ...leftOut.map((sentence) => `- Left out: ${sentence}`),
    '',
    '## To repeat it',
    '',
    '```',
    'apt-get install redis-server              # S and S’ need it; without it they are left out',
    'apt-get install ejabberd erlang-p1-pgsql  # E needs them',
    'npm ci --prefix bench/peers',
    'npx holdfast bench compare --rounds 5',
    '```',
    '',
  ].join('\n')
}

function sectionOf(measure: MeasureOutcome, all: readonly MeasureOutcome[]): readonly string[] {
  const { id, title, method, trial, figures, failure } = measure
  const first = all.find((each) => each.trial === trial)
  if (failure !== undefined) return [`## ${id}: ${title}`, '', method, '', `It was not measured: ${failure}`, '']
  if (first && first.id !== id) return [`## ${id}: ${title}`, '', method, '', `Its figures stand at ${first.id}.`, '']
  return [
    `## ${id}: ${title}`,
    '',
    method,
    '',
    '| system | figure | median (range) |',
    '| --- | --- | --- |',
    ...figures.map((figure) => `| ${figure.system} | ${figure.what} | ${figureText(figure)} |`),
    '',
  ]
}

/** Why a bar may be missed, for whoever reads that it was. */
const REASONS: Readonly<Record<string, string>> = {
  R1: 'P writes rows and delivers nothing; here each message crosses a commit, half of them a second process, and is then written to four sockets, and the generator, which reads those four, takes a good part of the same cores. Frames, not commits, are the bound.',
  R2: 'Half of the messages come to a node that does not own their conversation, and all pass the fenced log, so that any process may die.',
  R3: 'Where another node owns the conversation an acknowledgement has two more hops, and it waits for the batch before its own.',
  R4: 'Any figure above 0 here is a fault: report it.',
  R5: 'The conversations of a dead owner are claimed in the store before anybody is given them; the floor has nothing to claim.',
  R6: 'Every adopted conversation is read once; the fewer clients it has, the more that is for each of them.',
  R7: 'A connection has its session, its subscriptions and its heartbeat beside the socket.',
  R8: 'A row of the log costs PostgreSQL two indexes and a moved head, where P has one table without rules.',
  R9: 'More nodes mean more links and beats for the same work; a claim reads the tail behind the last snapshot.',
}

function lossesOf(ids: readonly string[]): readonly string[] {
  const lost = [...new Set(ids)]
  if (lost.length === 0) return []
  return ['## What we lose at, and why', '', ...lost.map((id) => `- **${id}**: ${REASONS[id] ?? ''}`), '']
}
