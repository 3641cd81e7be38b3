import type { SecretActAnswer, SecretNodeRow, SecretsAnswer } from '../protocol/audit-answers.ts'
import { type AdminClient, adminClient, CLUSTER_OPTIONS } from './admin-client-node.ts'
import { standardInput } from './standard-input.ts'
import { textTable } from './text-table.ts'
import { timeText } from './time-text-node.ts'
import { type Arguments, EXIT, JSON_OPTION, suggestion, UsageError, type Verb, type VerbIo } from './verb.ts'

export const verb: Verb = {
  name: 'secret',
  summary: 'Sets and removes passwords and keys that the nodes need, and seals them anew. Nothing shows them again.',
  usage: ['secret set <name>', 'secret list', 'secret remove <name>', 'secret rotate [--retire]'],
  examples: [
    {
      command: 'holdfast secret set mail-password < password.txt',
      does: 'Every node has it within two seconds. It is read from standard input, never from the command line.',
    },
    { command: 'holdfast secret list', does: 'Names, and when they were set.' },
    { command: 'holdfast secret rotate', does: 'Seals all of them by a new data key; nobody notices.' },
    {
      command: 'holdfast secret rotate --retire',
      does: 'Ends the change of a master key: earlier ones open nothing any more.',
    },
  ],
  options: {
    retire: {
      type: 'boolean',
      default: false,
      help: 'With rotate: only the master key of the node that is asked opens the secrets from then on.',
    },
    ...CLUSTER_OPTIONS,
    json: JSON_OPTION,
  },
  notes: [
    'A name has small letters, digits and hyphens. The end of the last line of the input is not part of the secret.',
    'To change the master key: give each node the new one with the old one after it, restart one node after the other, then `secret rotate --retire`, then leave the old one out.',
  ],
  run(args, io) {
    const act = args.word(0, 'What to do (set, list, remove, rotate)')
    const perform = ACTS[act]
    if (!perform) throw new UsageError(`secret cannot "${act}".${suggestion(act, Object.keys(ACTS))}`)
    return perform(args, io)
  },
}

type Perform = (args: Arguments, io: VerbIo) => Promise<number>

const ACTS: Readonly<Record<string, Perform>> = { set, list, remove, rotate }

async function set(args: Arguments, io: VerbIo): Promise<number> {
  const path = pathOf(args)
  if (args.words.length > 2)
    throw new UsageError('A secret is read from standard input: everybody on this machine can read a command line.')
  const client = adminClient(args, io)
  const text = await standardInput(io)
  if (text === '') throw new UsageError('Standard input is empty; `secret remove` removes a secret.')
  return tell(await client.post<SecretActAnswer>(path, { text }), args, io)
}

async function list(args: Arguments, io: VerbIo): Promise<number> {
  const answer = await adminClient(args, io).get<SecretsAnswer>('/api/secrets')
  const { secrets, dataKey, nodes } = answer
  if (args.flag('json')) io.out(JSON.stringify(answer))
  else {
    const rows = secrets.map(({ name, changedAt }) => [name, timeText(changedAt)])
    if (rows.length === 0) io.out('No secret was set yet.')
    else for (const line of textTable(['secret', 'set'], rows)) io.out(line)
    if (dataKey) for (const line of dataKeyLines(dataKey)) io.out(line)
    for (const { node, masterKey } of nodes) {
      const sentence = MASTER_KEY_SENTENCES[masterKey]
      if (sentence !== '') io.out(`${node} ${sentence}`)
    }
  }
  return EXIT.done
}

function dataKeyLines({ id, madeAt, masterKeys, privateKeys }: NonNullable<SecretsAnswer['dataKey']>): string[] {
  const keys = masterKeys === 1 ? 'one master key' : `${masterKeys} master keys`
  const sealed = `Sealed by data key ${id} of ${timeText(madeAt)}, which ${keys} can open.`
  if (privateKeys === 0) return [sealed]
  return [
    sealed,
    `It seals ${privateKeys === 1 ? 'a private key' : `${privateKeys} private keys`} of the cluster's own, too.`,
  ]
}

const MASTER_KEY_SENTENCES: Readonly<Record<SecretNodeRow['masterKey'], string>> = {
  newest: '',
  'no-secrets': '',
  earlier: 'opens them by an earlier master key; give it the newest before earlier ones are retired.',
  none: 'has no master key that opens them.',
  silent: 'does not answer.',
}

async function remove(args: Arguments, io: VerbIo): Promise<number> {
  const path = `${pathOf(args)}/remove`
  return tell(await adminClient(args, io).post<SecretActAnswer>(path), args, io)
}

async function rotate(args: Arguments, io: VerbIo): Promise<number> {
  const client: AdminClient = adminClient(args, io)
  return tell(await client.post<SecretActAnswer>('/api/secret-keys/rotate', { retire: args.flag('retire') }), args, io)
}

function pathOf(args: Arguments): string {
  return `/api/secrets/${encodeURIComponent(args.word(1, 'The name of the secret'))}`
}

function tell(answer: SecretActAnswer, args: Arguments, io: VerbIo): number {
  io.out(args.flag('json') ? JSON.stringify(answer) : answer.sentence)
  return EXIT.done
}
