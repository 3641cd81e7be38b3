import type { AccountRow, AccountsAnswer, SessionsAnswer } from '../protocol/account-answers.ts'
import { ACCOUNT_ROLES, type AccountRole } from '../protocol/staff-roles.ts'
import { type AdminClient, adminClient, CLUSTER_OPTIONS } from './admin-client-node.ts'
import { standardInput } from './standard-input.ts'
import { textTable } from './text-table.ts'
import { timeText } from './time-text-node.ts'
import { type Arguments, EXIT, JSON_OPTION, suggestion, UsageError, type Verb, type VerbIo } from './verb.ts'

export const verb: Verb = {
  name: 'account',
  summary: 'People who may sign in: lists, makes, changes and shuts their accounts.',
  usage: [
    'account list',
    'account add <name> --roles <roles> [--display-name <text>] [--no-password]',
    'account roles <name> <roles>',
    'account password <name>',
    'account disable <name>',
    'account enable <name>',
    'account remove <name>',
    'account sign-out <name>',
  ],
  examples: [
    {
      command: 'holdfast account add ada --roles agent,supervisor --display-name "Ada Lovelace" < password.txt',
      does: 'Makes an account. The password is read from standard input, never from the command line.',
    },
    {
      command: 'holdfast account roles ada auditor',
      does: 'She reads everything administrative from now on, no more.',
    },
    { command: 'holdfast account disable ada', does: 'Nobody signs in as ada; whoever was is out within seconds.' },
    { command: 'holdfast account password ada < password.txt', does: 'A new password; she is let try again at once.' },
  ],
  options: {
    roles: {
      type: 'string',
      placeholder: 'roles',
      help: `With add: ${ACCOUNT_ROLES.join(', ')}, separated by commas.`,
    },
    'display-name': { type: 'string', placeholder: 'text', help: 'With add: what others see; absent: the name.' },
    'no-password': {
      type: 'boolean',
      default: false,
      help: 'With add: nobody signs in by password until one is given.',
    },
    ...CLUSTER_OPTIONS,
    json: JSON_OPTION,
  },
  notes: [
    'admin changes everything. supervisor and agent take part in conversations, a supervisor also transfers those of others. auditor reads everything administrative and changes nothing.',
    'A change of roles or password, disable and remove end the sessions of the account. The last account that may change accounts stays.',
  ],
  run(args, io) {
    const act = args.word(0, `What to do (${Object.keys(ACTS).join(', ')})`)
    const perform = ACTS[act]
    if (!perform) throw new UsageError(`account cannot "${act}".${suggestion(act, Object.keys(ACTS))}`)
    return perform(args, io)
  },
}

type Perform = (args: Arguments, io: VerbIo) => Promise<number>

const ACTS: Readonly<Record<string, Perform>> = {
  list,
  add,
  roles,
  password,
  disable: (args, io) => change(args, io, { disabled: true }, 'may not sign in any more'),
  enable: (args, io) => change(args, io, { disabled: false }, 'may sign in again'),
  remove,
  'sign-out': signOut,
}

const HEADING = ['name', 'shown as', 'roles', 'signs in by', 'last seen', '']

async function list(args: Arguments, io: VerbIo): Promise<number> {
  const answer = await adminClient(args, io).get<AccountsAnswer>('/api/accounts')
  if (args.flag('json')) io.out(JSON.stringify(answer))
  else if (answer.accounts.length === 0) io.out('There is no account yet.')
  else for (const line of textTable(HEADING, answer.accounts.map(cells))) io.out(line)
  return EXIT.done
}

function cells(account: AccountRow): string[] {
  const { name, displayName, roles: held, password: byPassword, provider, disabled, seenAt } = account
  const seen = seenAt === undefined ? 'never' : timeText(seenAt)
  const ways = [...(byPassword ? ['password'] : []), ...(provider ? ['provider'] : [])]
  return [name, displayName, held.join(', '), ways.join(', ') || 'nothing', seen, disabled ? 'disabled' : '']
}

async function add(args: Arguments, io: VerbIo): Promise<number> {
  const name = args.word(1, 'The name of the account')
  const wanted = rolesIn(args.text('roles'))
  noPasswordHere(args, 2)
  const displayName = args.text('display-name')
  const client = adminClient(args, io)
  const typed = args.flag('no-password') ? {} : { password: await passwordIn(io) }
  const body = { name, roles: wanted, ...(displayName !== undefined && { displayName }), ...typed }
  return tell(args, io, await client.post<AccountRow>('/api/accounts', body), `The account ${name} is made.`)
}

async function roles(args: Arguments, io: VerbIo): Promise<number> {
  const wanted = rolesIn(args.word(2, 'The roles'))
  return change(args, io, { roles: wanted }, `is ${wanted.join(', ')} from now on`)
}

async function change(args: Arguments, io: VerbIo, body: object, sentence: string): Promise<number> {
  const client = adminClient(args, io)
  const { id, name } = await accountIn(client, args)
  return tell(args, io, await client.post<AccountRow>(`/api/accounts/${id}`, body), `${name} ${sentence}.`)
}

async function password(args: Arguments, io: VerbIo): Promise<number> {
  noPasswordHere(args, 2)
  const client = adminClient(args, io)
  const { id, name } = await accountIn(client, args)
  const answer = await client.post<object>(`/api/accounts/${id}/password`, { password: await passwordIn(io) })
  return tell(args, io, answer, `${name} has a new password and is signed out everywhere.`)
}

async function remove(args: Arguments, io: VerbIo): Promise<number> {
  const client = adminClient(args, io)
  const { id, name } = await accountIn(client, args)
  return tell(args, io, await client.post<object>(`/api/accounts/${id}/remove`), `The account ${name} is removed.`)
}

async function signOut(args: Arguments, io: VerbIo): Promise<number> {
  const client = adminClient(args, io)
  const { id, name } = await accountIn(client, args)
  const { sessions } = await client.get<SessionsAnswer>(`/api/accounts/${id}/sessions`)
  for (const session of sessions) await client.post(`/api/accounts/${id}/sessions/${session.id}/end`)
  return tell(args, io, { ended: sessions.length }, `${name} is signed out of ${sessions.length} sessions.`)
}

async function accountIn(client: AdminClient, args: Arguments): Promise<AccountRow> {
  const wanted = args.word(1, 'The name of the account').toLowerCase()
  const { accounts } = await client.get<AccountsAnswer>('/api/accounts')
  const found = accounts.find(({ name }) => name === wanted)
  const names = accounts.map(({ name }) => name)
  if (!found) throw new Error(`There is no account called "${wanted}".${suggestion(wanted, names)}`)
  return found
}

function rolesIn(text: string | undefined): readonly AccountRole[] {
  if (text === undefined) throw new UsageError(`--roles is missing: ${ACCOUNT_ROLES.join(', ')}, separated by commas.`)
  const wanted = text
    .split(',')
    .map((role) => role.trim())
    .filter(Boolean)
  return wanted.map((role) => {
    const known = ACCOUNT_ROLES.find((each) => each === role)
    if (known === undefined) throw new UsageError(`There is no role "${role}".${suggestion(role, ACCOUNT_ROLES)}`)
    return known
  })
}

function noPasswordHere(args: Arguments, words: number): void {
  if (args.words.length > words)
    throw new UsageError('A password is read from standard input: everybody on this machine can read a command line.')
}

async function passwordIn(io: VerbIo): Promise<string> {
  const text = await standardInput(io)
  if (text === '') throw new UsageError('Standard input is empty: give the password there.')
  return text
}

function tell(args: Arguments, io: VerbIo, answer: object, sentence: string): number {
  io.out(args.flag('json') ? JSON.stringify(answer) : sentence)
  return EXIT.done
}
