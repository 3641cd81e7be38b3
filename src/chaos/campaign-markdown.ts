import type { CampaignReport, ClassFigures } from './campaign-report.ts'
import type { FaultClass } from './fault.ts'
import { barLine } from './fault-bars.ts'
import { healed } from './fault-campaign.ts'
import { TRIALS_FOR_P99 } from './gap-statistics.ts'
import { FAULTS } from './log-checker.ts'

const CLASS_WORDS: Readonly<Record<FaultClass, string>> = {
  'kill-chat': 'a chat node is killed',
  'kill-edge': 'an edge is killed',
  pause: 'a chat node stands still and wakes up',
  partition: 'parts of the system cannot reach each other',
  store: 'the database fails',
  overload: 'too slow, or too much',
  hostile: 'hostile input',
}

const LIMITS: readonly string[] = [
  'SIGKILL does not test the disk: the page cache survives it. That PostgreSQL is set to be safe (`fsync`, `full_page_writes`, `synchronous_commit`) is checked whenever a node starts; that the disk keeps what it promised is not tested here.',
  'Everything ran on one machine, clients included: clocks agree, networks are fast, and all share its cores. Clock faults, loss and reordering of messages are the matter of `holdfast simulate`.',
  'Faults came one at a time, each after the last was healed. Faults that overlap are the matter of the simulator, too.',
  'Networks are TCP proxies between all processes. A silent one still takes calls, which then hear nothing, where a real network would let them time out.',
  'The database is one PostgreSQL without a standby. While it is away nobody is acknowledged, by design.',
  'The seed draws faults, victims and instants. Processes, kernel and network keep no seed: another run is another history.',
  'A gap is measured no finer than the pace of messages, and includes it: who speaks every 150 ms has gaps of 150 ms without any fault.',
  'Clients are the real client library in one process, without a browser. What they saw is kept as fingerprints (FNV-1a, 32 bits) of every event with its place, sender and key.',
  'What clients were given is judged behind their library, which drops what it has and asks again for what is missing: an event that comes twice over a socket is not seen here.',
]

/** The report of a mixed campaign as a page, in the form of Jepsen's analyses. */
export function campaignMarkdown(report: CampaignReport): string {
  const { passed } = report
  return [
    '# Proof: a campaign of faults on real processes',
    `This page was written by its own command, which anyone can run. **${passed ? 'Every bar held.' : 'NOT every bar held.'}**`,
    codeOf(report.setup.command),
    '## Claim',
    'An acknowledged message is in the log exactly once, at the place that was acknowledged, for ever; every participant is given every event that it may see exactly once, in order, and nobody is given another’s; a visitor whose server dies goes on within a second, without doing anything.',
    '## Result',
    ...resultOf(report),
    '## Time to recover, as clients see it',
    ...recoveryOf(report),
    '## Faults',
    ...faultsOf(report),
    '## Set-up',
    ...setupOf(report),
    '## How it is judged',
    ...judgementOf(report),
    '## Limits of the method',
    LIMITS.map((limit) => `- ${limit}`).join('\n'),
    '## Bars',
    report.bars.map((bar) => `- ${barLine(bar)}`).join('\n'),
  ].join('\n\n')
}

function resultOf({ verdict, trials, lastedMs, brokenOff }: CampaignReport): readonly string[] {
  const { check, messagesPerSecond, unsettled } = verdict
  const { acknowledged, delivered, refused, counts, faults } = check
  const rows = [
    ['faults done', count(trials.length)],
    ['acknowledged commands', `${count(acknowledged)} (${count(messagesPerSecond)}/s over the whole run)`],
    ['deliveries to clients', count(delivered)],
    ['definitely refused', count(refused)],
    ['**lost**', `**${count(counts.lost)}**`],
    ['**duplicated**', `**${count(counts.duplicated)}**`],
    ['**reordered**', `**${count(counts.reordered)}**`],
    ['**delivered to a stranger**', `**${count(counts.crossDelivered)}**`],
    ['holes in what was given', count(counts.holes)],
    ['not where the log has it', count(counts.misplaced)],
    ['refused and yet in the log', count(counts.revived)],
    ['epochs that fell', count(counts.epochsFallen)],
  ]
  return [
    `${duration(lastedMs)} of faults, one every ${seconds(lastedMs / Math.max(1, trials.length))}.`,
    table(['', ''], rows),
    ...(unsettled === undefined ? [] : [`At the end this was left unsettled: ${unsettled}.`]),
    ...(brokenOff === undefined ? [] : [`The campaign was broken off ${brokenOff}.`]),
    ...(faults.length === 0 ? [] : [faults.map(({ kind, sentence }) => `- ${kind}: ${sentence}`).join('\n')]),
  ]
}

function recoveryOf({ classes, adoptions }: CampaignReport): readonly string[] {
  const row = ({ faultClass, faults, trials, gaps, bar }: ClassFigures) => [
    `${CLASS_WORDS[faultClass]}: ${faults.map((name) => `\`${name}\``).join(', ')}`,
    count(trials),
    ms(gaps?.p50Ms),
    gaps?.p99Ms === undefined ? '-' : ms(gaps.p99Ms),
    ms(gaps?.maxMs),
    `${gaps?.p99Ms === undefined ? 'maximum' : 'p99'} ${ms(bar.most)}: ${bar.holds ? 'holds' : '**missed**'}`,
  ]
  return [
    `One trial is one fault, its figure the longest silence of the client that waited longest: a visitor from one acknowledgement to the next, an agent from one event given to the next. A p99 is told from ${TRIALS_FOR_P99} trials on (0.99^299 < 5 %), and then as the value that the true one does not exceed at 95 % confidence: the largest of 299, the second largest of 473, the seventh largest of 1,200. Below that the maximum is held to the bar.`,
    table(['what happened', 'trials', 'p50', 'p99', 'maximum', 'bar'], classes.map(row)),
    `In ${count(adoptions.trials)} trials an owner was lost. All its conversations had another one after ${ms(adoptions.p50Ms)} (median) and ${ms(adoptions.maxMs)} (maximum).`,
  ]
}

function faultsOf({ faults, leftOut, trials, counters }: CampaignReport): readonly string[] {
  const rows = faults.map(({ name, sentence, trials, gaps }) => [
    `\`${name}\``,
    sentence,
    count(trials),
    ms(gaps?.p50Ms),
    ms(gaps?.maxMs),
  ])
  const unhealed = trials.map((trial, index) => ({ trial, index })).filter(({ trial }) => !healed(trial))
  return [
    table(['fault', 'what is done', 'trials', 'p50', 'maximum'], rows),
    ...leftOut.map(({ name, needs }) => `\`${name}\` was left out: it needs ${needs}.`),
    ...unhealed.map(
      ({ trial, index }) =>
        `Trial ${index + 1}, \`${trial.fault}\` of ${trial.victim ?? 'nobody'}, did not heal${trial.failure === undefined ? '.' : `: ${trial.failure}`}`,
    ),
    `The nodes counted ${Object.entries(counters)
      .map(([name, value]) => `\`${name}\` ${count(value)}`)
      .join(', ')}; those that were killed began again at 0.`,
  ]
}

function setupOf({ setup, seed, database, standstills }: CampaignReport): readonly string[] {
  const { program, machine, date, edges, chats, conversations, visitorEveryMs, agentEveryMs, textLength } = setup
  const { cpu, cores, memoryGiB, platform, node } = machine
  return [
    [
      `- ${date}, Holdfast ${program}, Node ${node}, PostgreSQL ${database} (embedded, its durable defaults), seed ${seed}`,
      `- ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${platform}; clients, proxies, nodes and database share it`,
      `- ${edges} edges and ${chats} chat nodes, each a process of its own, restarted by their supervisor after a second; TLS between nodes`,
      `- ${count(conversations)} conversations, each with a visitor who says ${textLength} characters every ${visitorEveryMs} ms and an agent who does every ${agentEveryMs} ms, whatever the answers do`,
      '- a TCP proxy of our own on every way: client to edge, node to node, node to database',
      `- the process that runs clients and proxies, and measures, was late by ${ms(standstills.p99Ms)} (p99) and ${ms(standstills.maxMs)} (maximum) itself; where that is much, other work ran on the machine`,
    ].join('\n'),
  ]
}

function judgementOf({ verdict }: CampaignReport): readonly string[] {
  const kinds = Object.entries(FAULTS).map(([kind, sentence]) => `- \`${kind}\`: ${sentence}`)
  return [
    `Every client keeps what it sent, what it was answered and what it was given. When all is quiet, the whole log is read from the database (${count(verdict.check.events)} events in ${count(verdict.check.conversations)} conversations), past all nodes, and compared with every history by the checker that the simulator uses, too. Each of these must be counted 0:`,
    kinds.join('\n'),
    'A campaign also fails when a bar of time is missed, when a cluster does not become whole again after a fault, or when a command is left without an answer.',
  ]
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

const codeOf = (text: string) => `\`\`\`sh\n${text}\n\`\`\``
const count = (value: number) => value.toLocaleString('en-US')
const ms = (value: number | undefined) => (value === undefined ? '-' : `${count(Math.round(value))} ms`)
const seconds = (value: number) => `${(value / 1000).toFixed(1)} s`
const duration = (value: number) => `${Math.floor(value / 60_000)} min ${Math.round((value % 60_000) / 1000)} s`
