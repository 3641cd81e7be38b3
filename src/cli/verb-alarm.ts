import { durationText } from '../ops/duration-text.ts'
import type {
  AlarmActAnswer,
  AlarmAnswer,
  AlarmCatalogueAnswer,
  AlarmRow,
  AlarmsAnswer,
} from '../protocol/alarm-answers.ts'
import { type AdminClient, adminClient, CLUSTER_OPTIONS } from './admin-client-node.ts'
import { textTable } from './text-table.ts'
import { timeText } from './time-text-node.ts'
import { type Arguments, EXIT, JSON_OPTION, suggestion, UsageError, type Verb, type VerbIo } from './verb.ts'

export const verb: Verb = {
  name: 'alarm',
  summary: 'Shows alarms, says who takes care of one, and keeps them from being told for a while.',
  usage: [
    'alarm list [--limit 20]',
    'alarm show <id>',
    'alarm acknowledge <id> [--note <text>]',
    'alarm close <id> --reason <text>',
    'alarm silence [--code <code>] [--subject <name>] --for <time> --reason <text>',
    'alarm unsilence <id>',
    'alarm catalogue',
  ],
  examples: [
    { command: 'holdfast alarm list', does: 'What is open, what is over, and what is silenced.' },
    {
      command: 'holdfast alarm silence --code node-lost --subject n2 --for 2h --reason "new disks"',
      does: 'Nobody is told that n2 is lost if that begins within two hours.',
    },
    { command: 'holdfast alarm acknowledge 0wzb8qxf4353x', does: 'Tells the others that you take care of it.' },
  ],
  options: {
    limit: { type: 'string', default: '20', placeholder: 'number', help: 'With list: how many that are over.' },
    note: { type: 'string', placeholder: 'text', help: 'With acknowledge: what you do about it.' },
    reason: { type: 'string', placeholder: 'text', help: 'With close, silence: why; it is recorded.' },
    code: { type: 'string', placeholder: 'code', help: 'With silence: which alarm. Default: all of them.' },
    subject: { type: 'string', placeholder: 'name', help: 'With silence: of what, say a node. Default: whatever.' },
    for: { type: 'string', placeholder: 'time', help: 'With silence: for how long, say 90m or 12h.' },
    ...CLUSTER_OPTIONS,
    json: JSON_OPTION,
  },
  notes: [
    'list ends with 1 while a critical alarm is open that nobody acknowledged, else with 0.',
    'Who is told is written in the document settings: alarmMails, alarmWebhook. A silence keeps what begins from being told; it is recorded, and told when it outlasts the silence.',
  ],
  run(args, io) {
    const act = args.word(0, 'What to do (list, show, acknowledge, close, silence, unsilence, catalogue)')
    const perform = ACTS[act]
    if (!perform) throw new UsageError(`alarm cannot "${act}".${suggestion(act, Object.keys(ACTS))}`)
    return perform(adminClient(args, io), args, io)
  },
}

type Perform = (client: AdminClient, args: Arguments, io: VerbIo) => Promise<number>

const ACTS: Readonly<Record<string, Perform>> = {
  list,
  show,
  acknowledge: (client, args, io) => {
    const note = args.text('note')
    return tellAct(client, args, io, `${idIn(args)}/acknowledge`, note === undefined ? {} : { note })
  },
  close: (client, args, io) => tellAct(client, args, io, `${idIn(args)}/close`, { reason: reasonIn(args) }),
  silence,
  unsilence: (client, args, io) => tellAct(client, args, io, `silences/${idIn(args)}/end`, {}),
  catalogue,
}

async function list(client: AdminClient, args: Arguments, io: VerbIo): Promise<number> {
  const limit = args.number('limit', { min: 1, max: 500 })
  const answer = await client.get<AlarmsAnswer>(`/api/alarms?limit=${limit}`)
  if (args.flag('json')) io.out(JSON.stringify(answer))
  else for (const line of overview(answer)) io.out(line)
  const urgent = answer.open.some(({ severity, acknowledged }) => severity === 'critical' && !acknowledged)
  return urgent ? EXIT.failed : EXIT.done
}

function* overview({ fresh, open, waiting, over, silences }: AlarmsAnswer): Iterable<string> {
  if (!fresh) yield 'The database is away: this is what the node knew last.'
  for (const { title, subject, sentence, beganAt } of waiting)
    yield `Seen and not stored yet, since ${timeText(beganAt)}: ${title}, ${subject}. ${sentence}`
  if (open.length === 0) yield 'No alarm is open.'
  else yield* textTable(['id', 'severity', 'alarm', 'subject', 'since', 'care'], open.map(openCells))
  if (over.length > 0) yield ''
  if (over.length > 0) yield* textTable(['id', 'over', 'subject', 'since', 'lasted', 'affected'], over.map(overCells))
  for (const { id, code, subject, until, by, reason } of silences)
    yield `Silenced until ${timeText(until)} by ${by} (${id}): ${code || 'every alarm'}${subject && ` of ${subject}`}, ${reason}`
}

function openCells({ id, severity, title, subject, beganAt, acknowledged, told }: AlarmRow) {
  return [id, severity, title, subject, timeText(beganAt), acknowledged?.by ?? (told ? 'nobody' : 'silenced')]
}

function overCells({ id, title, subject, beganAt, ended, affected }: AlarmRow) {
  return [id, title, subject, timeText(beganAt), durationText(ended?.durationMs ?? 0), affected]
}

async function show(client: AdminClient, args: Arguments, io: VerbIo): Promise<number> {
  const alarm = await client.get<AlarmAnswer>(`/api/alarms/${idIn(args)}`)
  if (args.flag('json')) {
    io.out(JSON.stringify(alarm))
    return EXIT.done
  }
  const { title, code, severity, subject, sentence, beganAt, ended, affected, acknowledged } = alarm
  const { meaning, remedy, deliveries } = alarm
  io.out(`${title}: ${subject} (${code}, ${severity})`)
  io.out(sentence)
  io.out(`Since ${timeText(beganAt)}, seen by ${alarm.raisedBy}; ${affected} conversations affected.`)
  if (ended) io.out(`Over at ${timeText(ended.at)}, after ${durationText(ended.durationMs)}; told by ${ended.by}.`)
  if (acknowledged)
    io.out(`${acknowledged.by} takes care of it since ${timeText(acknowledged.at)}. ${acknowledged.note}`)
  for (const line of [meaning, remedy].filter((each) => each !== '')) io.out(line)
  for (const { about, by, to, state, reason } of deliveries)
    io.out(`Told by ${by}${to && ` to ${to}`} that it is ${about}: ${state}${reason && `, ${reason}`}`)
  return EXIT.done
}

async function silence(client: AdminClient, args: Arguments, io: VerbIo): Promise<number> {
  const [code, subject] = [args.text('code'), args.text('subject')]
  return tellAct(client, args, io, 'silences', {
    key: io.random.id(),
    ...(code !== undefined && { code }),
    ...(subject !== undefined && { subject }),
    forMs: args.durationMs('for'),
    reason: reasonIn(args),
  })
}

async function catalogue(client: AdminClient, args: Arguments, io: VerbIo): Promise<number> {
  const { alarms } = await client.get<AlarmCatalogueAnswer>('/api/alarms/catalogue')
  if (args.flag('json')) io.out(JSON.stringify(alarms))
  else
    for (const { code, severity, meaning, remedy } of alarms) {
      io.out(`${code} (${severity})`)
      io.out(`    ${meaning}`)
      io.out(`    ${remedy}`)
    }
  return EXIT.done
}

async function tellAct(client: AdminClient, args: Arguments, io: VerbIo, path: string, body: object): Promise<number> {
  const answer = await client.post<AlarmActAnswer>(`/api/alarms/${path}`, body)
  io.out(args.flag('json') ? JSON.stringify(answer) : answer.sentence)
  return EXIT.done
}

function idIn(args: Arguments): string {
  return encodeURIComponent(args.word(1, 'The id, as `alarm list` shows it,'))
}

function reasonIn(args: Arguments): string {
  const reason = args.text('reason')
  if (!reason) throw new UsageError('--reason is missing: the others want to know why.')
  return reason
}
