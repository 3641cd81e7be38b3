import { configCampaign } from '../chaos/config-campaign-node.ts'
import { configLines, configReport } from '../chaos/config-report.ts'
import type { Fault } from '../chaos/fault.ts'
import { faultCampaign, timesPlan } from '../chaos/fault-campaign.ts'
import { killChat } from '../chaos/faults/kill-chat.ts'
import { killEdge } from '../chaos/faults/kill-edge.ts'
import { pauseChat } from '../chaos/faults/pause-chat.ts'
import { restartDatabase } from '../chaos/faults/restart-database.ts'
import { killLines, killReport } from '../chaos/kill-report.ts'
import { mailCampaign } from '../chaos/mail-campaign-node.ts'
import { mailLines, mailReport } from '../chaos/mail-report.ts'
import { rollCampaign } from '../chaos/roll-campaign.ts'
import { rollLines, rollReport } from '../chaos/roll-report.ts'
import { loadIn, seedIn, untilInterrupted } from './campaign-ground.ts'
import { CAMPAIGN_OPTIONS, CAMPAIGN_USAGE, campaignVerb, FAULT_NOTES } from './chaos-campaign-node.ts'
import { REHEARSE_OPTIONS, REHEARSE_USAGE, rehearseVerb } from './chaos-rehearse-node.ts'
import { type Arguments, EXIT, JSON_OPTION, suggestion, UsageError, type Verb, type VerbIo } from './verb.ts'

export const verb: Verb = {
  name: 'chaos',
  summary:
    'Torments a cluster of its own under load and checks that nobody lost a word; rehearses a failover on yours.',
  usage: [
    'chaos kill [--kills 20] [--conversations 100] [--target chat|edge|database] [--pause]',
    'chaos roll [--conversations 100]',
    'chaos config [--edits 200]',
    'chaos mail [--kills 20]',
    CAMPAIGN_USAGE,
    REHEARSE_USAGE,
  ],
  examples: [
    { command: 'holdfast chaos kill', does: 'Twenty times SIGKILL to an owner while a hundred conversations talk.' },
    { command: 'holdfast chaos kill --kills 5 --pause', does: 'SIGSTOP for 1 to 6 s instead.' },
    { command: 'holdfast chaos kill --target database', does: 'Kills and restarts PostgreSQL.' },
    {
      command: 'holdfast chaos campaign --minutes 60 --seed 1 --report docs',
      does: 'All faults, mixed, for an hour; writes the proof.',
    },
    {
      command: 'holdfast chaos config',
      does: 'Two hundred edits of the configuration at once, under kills of nodes and database.',
    },
    {
      command: 'holdfast chaos mail --kills 30',
      does: 'Conversations end and owe a mail each, while nodes are killed in the middle of sending.',
    },
    { command: 'holdfast chaos roll', does: 'Replaces every chat node, one by one, as an upgrade would.' },
    {
      command: 'holdfast chaos rehearse --node n2 --report rehearsal.md',
      does: 'On the cluster that runs: drains n2, kills it, cuts clients of its own; asks before each.',
    },
  ],
  options: {
    kills: { type: 'string', default: '20', placeholder: 'number', help: 'Faults, one after the other.' },
    conversations: {
      type: 'string',
      default: '100',
      placeholder: 'number',
      help: 'Each has a visitor and an agent who talk all the time.',
    },
    edits: { type: 'string', default: '200', placeholder: 'number', help: 'With config: how many edits.' },
    target: { type: 'string', default: 'chat', placeholder: 'kind', help: 'Who is hit: chat, edge or database.' },
    pause: { type: 'boolean', default: false, help: 'SIGSTOP for 1 to 6 s instead of SIGKILL (chat only).' },
    every: { type: 'string', default: '150ms', placeholder: 'time', help: 'Between two messages of one visitor.' },
    seed: { type: 'string', placeholder: 'number', help: 'Draws victims and instants; printed, drawn where absent.' },
    data: {
      type: 'string',
      placeholder: 'directory',
      help: 'Keep database and logs there; with rehearse: that of `holdfast up`.',
    },
    ...CAMPAIGN_OPTIONS,
    ...REHEARSE_OPTIONS,
    report: {
      type: 'string',
      placeholder: 'path',
      help: 'With campaign: write proof.md and proof.json into this directory. With rehearse: write this Markdown file.',
    },
    json: JSON_OPTION,
  },
  notes: [
    'A gap is the longest silence of one client: from its last acknowledgement (an agent: the last event given) before or in the fault to the next one.',
    'SIGKILL does not test the disk: the page cache survives it. That PostgreSQL is safe is checked from its settings at start.',
    FAULT_NOTES,
    'Exit code 0: nothing lost, doubled or reordered, and every bar held.',
  ],
  run(args, io) {
    const act = args.word(0, `What to do (${Object.keys(ACTS).join(', ')})`)
    const perform = ACTS[act]
    if (!perform) throw new UsageError(`chaos cannot "${act}".${suggestion(act, Object.keys(ACTS))}`)
    return perform(args, io)
  },
}

const ACTS: Readonly<Record<string, (args: Arguments, io: VerbIo) => Promise<number>>> = {
  kill,
  roll,
  config,
  mail,
  campaign: campaignVerb,
  rehearse: rehearseVerb,
}

async function kill(args: Arguments, io: VerbIo): Promise<number> {
  const fault = faultIn(args)
  const kills = args.number('kills', { min: 1, max: 100_000 })
  const load = loadIn(args)
  const seed = seedIn(args, io)
  const result = await untilInterrupted(io, (onStarted, onProgress) =>
    faultCampaign({ ...load, plan: timesPlan(fault, kills), seed, onStarted, onProgress }),
  )
  if (!result) return EXIT.interrupted
  const report = killReport(result, fault, seed)
  return told(report, killLines, args, io)
}

async function roll(args: Arguments, io: VerbIo): Promise<number> {
  const load = loadIn(args)
  const result = await untilInterrupted(io, (onStarted, onProgress) => rollCampaign({ ...load, onStarted, onProgress }))
  if (!result) return EXIT.interrupted
  const report = rollReport(result)
  return told(report, rollLines, args, io)
}

async function config(args: Arguments, io: VerbIo): Promise<number> {
  const edits = args.number('edits', { min: 1, max: 100_000 })
  const seed = seedIn(args, io)
  const result = await untilInterrupted(io, (onStarted, onProgress) =>
    configCampaign({ edits, seed, clock: io.clock, onStarted, onProgress }),
  )
  if (!result) return EXIT.interrupted
  const report = configReport(result, edits, seed)
  return told(report, configLines, args, io)
}

async function mail(args: Arguments, io: VerbIo): Promise<number> {
  const kills = args.number('kills', { min: 1, max: 100_000 })
  const seed = seedIn(args, io)
  const result = await untilInterrupted(io, (onStarted, onProgress) =>
    mailCampaign({ kills, seed, clock: io.clock, onStarted, onProgress }),
  )
  if (!result) return EXIT.interrupted
  const report = mailReport(result, kills, seed)
  return told(report, mailLines, args, io)
}

/** Prints a report for programs or for people, and answers with what it is worth. */
function told<Report extends { readonly passed: boolean }>(
  report: Report,
  lines: (report: Report) => readonly string[],
  args: Arguments,
  io: VerbIo,
): number {
  if (args.flag('json')) io.out(JSON.stringify(report, null, 2))
  else for (const line of lines(report)) io.out(line)
  return report.passed ? EXIT.done : EXIT.failed
}

const TARGETS = { chat: killChat, edge: killEdge, database: restartDatabase }

function faultIn(args: Arguments): Fault {
  const target = args.choice('target', ['chat', 'edge', 'database'])
  if (!args.flag('pause')) return TARGETS[target]
  if (target !== 'chat') throw new UsageError('--pause stops chat nodes; leave --target away.')
  return pauseChat
}
