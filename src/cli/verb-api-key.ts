import type { ApiKeyMadeAnswer, ApiKeyRow, ApiKeysAnswer } from '../protocol/account-answers.ts'
import { SCOPES } from '../protocol/tokens.ts'
import { adminClient, CLUSTER_OPTIONS } from './admin-client-node.ts'
import { textTable } from './text-table.ts'
import { timeText } from './time-text-node.ts'
import { type Arguments, EXIT, JSON_OPTION, suggestion, UsageError, type Verb, type VerbIo } from './verb.ts'

export const verb: Verb = {
  name: 'api-key',
  summary: 'Keys with which programs sign in: makes, lists and revokes them.',
  usage: ['api-key add <name> --scopes <scopes> [--days <number>]', 'api-key list', 'api-key revoke <name>'],
  examples: [
    {
      command: 'holdfast api-key add web-shop --scopes tokens > shop.key',
      does: 'For a shop that opens conversations for its customers. The key is shown this once.',
    },
    {
      command: 'holdfast status --url https://chat.example.com --token "$(cat monitor.key)"',
      does: 'A key stands wherever a staff token does.',
    },
    { command: 'holdfast api-key revoke web-shop', does: 'It and every token that was exchanged for it are void.' },
  ],
  options: {
    scopes: { type: 'string', placeholder: 'scopes', help: `With add: ${SCOPES.join(', ')}, separated by commas.` },
    days: { type: 'string', placeholder: 'number', help: 'With add: it ends after so many days; absent: never.' },
    ...CLUSTER_OPTIONS,
    json: JSON_OPTION,
  },
  notes: [
    'conversations: read and take part in all. tokens: open conversations and make tokens for others. audit: read everything administrative. admin: change it, too.',
    'A program that opens sockets exchanges its key for a token at POST /api/tokens/refresh, again before it ends.',
  ],
  run(args, io) {
    const act = args.word(0, `What to do (${Object.keys(ACTS).join(', ')})`)
    const perform = ACTS[act]
    if (!perform) throw new UsageError(`api-key cannot "${act}".${suggestion(act, Object.keys(ACTS))}`)
    return perform(args, io)
  },
}

type Perform = (args: Arguments, io: VerbIo) => Promise<number>

const ACTS: Readonly<Record<string, Perform>> = { add, list, revoke }

async function add(args: Arguments, io: VerbIo): Promise<number> {
  const name = args.word(1, 'The name of the key')
  const days = args.text('days') === undefined ? {} : { days: args.number('days', { min: 1, max: 3650 }) }
  const body = { name, scopes: scopesIn(args), ...days }
  const made = await adminClient(args, io).post<ApiKeyMadeAnswer>('/api/api-keys', body)
  if (args.flag('json')) io.out(JSON.stringify(made))
  else {
    io.out(made.key)
    io.err('It is not shown again.')
  }
  return EXIT.done
}

async function list(args: Arguments, io: VerbIo): Promise<number> {
  const answer = await adminClient(args, io).get<ApiKeysAnswer>('/api/api-keys')
  const heading = ['name', 'id', 'scopes', 'made', 'by', 'used', '']
  if (args.flag('json')) io.out(JSON.stringify(answer))
  else if (answer.keys.length === 0) io.out('There is no API key yet.')
  else for (const line of textTable(heading, answer.keys.map(cells))) io.out(line)
  return EXIT.done
}

function cells({ name, id, scopes, madeAt, madeBy, usedAt, endsAt, revokedAt }: ApiKeyRow): string[] {
  const used = usedAt === undefined ? 'never' : timeText(usedAt)
  const end = endsAt === undefined ? '' : `ends ${timeText(endsAt)}`
  return [name, id, scopes.join(', '), timeText(madeAt), madeBy, used, revokedAt === undefined ? end : 'revoked']
}

async function revoke(args: Arguments, io: VerbIo): Promise<number> {
  const wanted = args.word(1, 'The name or id of the key')
  const client = adminClient(args, io)
  const { keys } = await client.get<ApiKeysAnswer>('/api/api-keys')
  const good = keys.filter(({ revokedAt }) => revokedAt === undefined)
  const found = good.filter(({ id, name }) => id === wanted || name === wanted)
  const [key] = found
  if (!key)
    throw new Error(
      `There is no key "${wanted}".${suggestion(
        wanted,
        good.map(({ name }) => name),
      )}`,
    )
  if (found.length > 1) throw new UsageError(`Several keys are called ${wanted}: name one by its id.`)
  const answer = await client.post<object>(`/api/api-keys/${key.id}/revoke`)
  io.out(args.flag('json') ? JSON.stringify(answer) : `The key ${key.name} is revoked.`)
  return EXIT.done
}

function scopesIn(args: Arguments): readonly string[] {
  const scopes = (args.text('scopes') ?? '')
    .split(',')
    .map((scope) => scope.trim())
    .filter(Boolean)
  if (scopes.length === 0) throw new UsageError(`--scopes is missing: ${SCOPES.join(', ')}, separated by commas.`)
  const strange = scopes.find((scope) => !SCOPES.some((known) => known === scope))
  if (strange !== undefined) throw new UsageError(`There is no scope "${strange}".${suggestion(strange, SCOPES)}`)
  return scopes
}
