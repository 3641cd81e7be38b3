import { durationText } from '../ops/duration-text.ts'
import type { OutboxActAnswer, OutboxAnswer } from '../protocol/outbox-answers.ts'
import { adminClient, CLUSTER_OPTIONS } from './admin-client-node.ts'
import { textTable } from './text-table.ts'
import { timeText } from './time-text-node.ts'
import { type Arguments, EXIT, JSON_OPTION, suggestion, UsageError, type Verb, type VerbIo } from './verb.ts'

export const verb: Verb = {
  name: 'outbox',
  summary: 'Shows mails and other things that could not be done outside, and has them tried again or given up.',
  usage: ['outbox list [--limit 100]', 'outbox replay <id>', 'outbox drop <id>'],
  examples: [
    { command: 'holdfast outbox list', does: 'What waits, by lane, and each that was given up, with the reason.' },
    {
      command: 'holdfast outbox replay transcript:0abc:1',
      does: 'Tries one again, behind whatever its conversation has waiting.',
    },
    { command: 'holdfast outbox drop transcript:0abc:1', does: 'Gives it up for ever.' },
  ],
  options: {
    limit: { type: 'string', default: '100', placeholder: 'number', help: 'With list: how many.' },
    ...CLUSTER_OPTIONS,
    json: JSON_OPTION,
  },
  notes: [
    'What may pass is tried again by itself for more than two days; here is what was refused for good or failed all that time.',
  ],
  run(args, io) {
    const act = args.word(0, 'What to do (list, replay, drop)')
    const perform = ACTS[act]
    if (!perform) throw new UsageError(`outbox cannot "${act}".${suggestion(act, Object.keys(ACTS))}`)
    return perform(args, io)
  },
}

type Perform = (args: Arguments, io: VerbIo) => Promise<number>

const ACTS: Readonly<Record<string, Perform>> = {
  list,
  replay: (args, io) => tellAct('replay', args, io),
  drop: (args, io) => tellAct('drop', args, io),
}

async function list(args: Arguments, io: VerbIo): Promise<number> {
  const answer = await adminClient(args, io).get<OutboxAnswer>(`/api/outbox?limit=${args.number('limit')}`)
  if (args.flag('json')) {
    io.out(JSON.stringify(answer))
    return EXIT.done
  }
  const { waiting, dead, oldestMs, lanes, deadLetters } = answer
  const oldest = waiting > 0 ? `, the oldest for ${Math.round(oldestMs / 1000)} s` : ''
  io.out(`${waiting} wait${oldest}; ${dead} were given up.`)
  const waits = lanes.map(({ lane, waiting: items, oldestMs: forMs, first }) => [
    ...[lane, items, durationText(forMs), first.attempts, first.reason.slice(0, 80)],
  ])
  if (waits.length > 0)
    for (const line of textTable(['lane', 'waiting', 'for', 'attempts', 'reason'], waits)) io.out(line)
  const rows = deadLetters.map(({ id, kind, attempts, diedAt, reason }) => [
    ...[id, kind, attempts, timeText(diedAt), reason.slice(0, 80)],
  ])
  if (rows.length > 0) for (const line of textTable(['id', 'kind', 'attempts', 'since', 'reason'], rows)) io.out(line)
  return EXIT.done
}

async function tellAct(act: 'replay' | 'drop', args: Arguments, io: VerbIo): Promise<number> {
  const id = args.word(1, 'The id, as `outbox list` shows it')
  const answer = await adminClient(args, io).post<OutboxActAnswer>(`/api/outbox/${act}`, { id })
  io.out(args.flag('json') ? JSON.stringify(answer) : answer.sentence)
  return EXIT.done
}
