import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeJoinToken, encodeJoinToken } from '../config/join-token.ts'
import type { TokenAnswer } from '../protocol/rest-answers.ts'
import { SCOPES } from '../protocol/tokens.ts'
import { readClusterFile } from '../server/data-directory-node.ts'
import { adminClient, CLUSTER_OPTIONS } from './admin-client-node.ts'
import { type Arguments, EXIT, JSON_OPTION, suggestion, UsageError, type Verb, type VerbIo } from './verb.ts'

export const verb: Verb = {
  name: 'token',
  summary: 'Makes tokens: for a machine that joins, for staff, for a visitor, and when nobody can sign in.',
  usage: [
    'token join [--database <url>]',
    'token staff --name <name> [--role agent|supervisor|bot] [--scopes <scopes>]',
    'token visitor [--name <name>] [--conversation <id>]',
    'token recover [--database <url>] [--public-url <url>]',
  ],
  examples: [
    {
      command: 'holdfast token join > join.token',
      does: 'One word with which a machine joins: `holdfast serve --join "$(cat join.token)"`.',
    },
    { command: 'holdfast token staff --name "Ada Lovelace"', does: 'A token for the agent page.' },
    {
      command: 'holdfast token staff --name shop --role bot --scopes tokens',
      does: 'For a web shop that makes tokens for its visitors.',
    },
    {
      command: 'holdfast token recover > recovery.token',
      does: 'When no administrator can sign in: a token for an hour, for whoever knows the secret of the cluster.',
    },
  ],
  options: {
    name: { type: 'string', placeholder: 'name', help: 'Who holds the token; others see it.' },
    subject: {
      type: 'string',
      placeholder: 'id',
      help: 'Its id in conversations; a token with the same id is the same participant.',
    },
    role: { type: 'string', default: 'agent', placeholder: 'role', help: 'Of staff: agent, supervisor or bot.' },
    scopes: {
      type: 'string',
      default: 'conversations',
      placeholder: 'scopes',
      help: `Of staff: ${SCOPES.join(', ')}, separated by commas.`,
    },
    conversation: { type: 'string', placeholder: 'id', help: 'Of a visitor; absent: a new one.' },
    database: {
      type: 'string',
      placeholder: 'url',
      help: 'With join: the database as the joining machine reaches it. With recover: the database.',
    },
    'public-url': { type: 'string', placeholder: 'url', help: 'With recover: `publicUrl` as the nodes have it.' },
    ...CLUSTER_OPTIONS,
    json: JSON_OPTION,
  },
  notes: [
    'A join token holds the database password and the secret of the cluster: keep it like a password. It takes the secret from HOLDFAST_SECRET or <data>/secret. The embedded database of `holdfast up` is reached from its own machine only.',
  ],
  async run(args, io) {
    const kind = args.word(0, 'The kind of token (join, staff, visitor, recover)')
    const make = KINDS[kind]
    if (!make) throw new UsageError(`There is no token for "${kind}".${suggestion(kind, Object.keys(KINDS))}`)
    const answer = await make(args, io)
    io.out(args.flag('json') ? JSON.stringify(answer) : answer.token)
    return EXIT.done
  },
}

type Make = (args: Arguments, io: VerbIo) => Promise<{ readonly token: string }>

const KINDS: Readonly<Record<string, Make>> = { join: joinToken, staff, visitor, recover }

async function recover(args: Arguments, io: VerbIo): Promise<{ token: string }> {
  const { recoveryToken } = await import('./recovery-token-node.ts')
  const cluster = readClusterFile(args.text('data') ?? '.holdfast')
  const publicUrl = args.text('public-url') ?? io.env.HOLDFAST_PUBLIC_URL ?? cluster?.publicUrl ?? ''
  return { token: await recoveryToken({ ...sharedAccess(args, io), publicUrl, env: io.env }) }
}

/** Where the database is, and the secret of the cluster. */
function sharedAccess(args: Arguments, io: VerbIo): { database: string; secret: string } {
  const directory = args.text('data') ?? '.holdfast'
  const database = args.text('database') ?? io.env.HOLDFAST_DATABASE ?? readClusterFile(directory)?.database
  const secret = io.env.HOLDFAST_SECRET ?? secretIn(directory)
  if (!database || !secret)
    throw new UsageError(
      `Database and secret are needed: --database and HOLDFAST_SECRET, or --data of a running \`holdfast up\`.`,
    )
  return { database, secret }
}

async function joinToken(args: Arguments, io: VerbIo): Promise<{ token: string }> {
  const { database, secret } = sharedAccess(args, io)
  const token = encodeJoinToken({ database, secret })
  const decoded = decodeJoinToken(token)
  if (decoded.kind === 'bad-token') throw new UsageError(decoded.reason)
  return { token }
}

async function staff(args: Arguments, io: VerbIo): Promise<TokenAnswer> {
  const name = args.text('name')
  if (!name) throw new UsageError('--name is missing: others see who they talk to.')
  const role = args.choice('role', ['agent', 'supervisor', 'bot'])
  const subject = args.text('subject')
  const scopes = scopesIn(args)
  const body = { kind: 'staff', name, role, scopes, ...(subject !== undefined && { subject }) }
  return adminClient(args, io).post<TokenAnswer>('/api/tokens', body)
}

async function visitor(args: Arguments, io: VerbIo): Promise<TokenAnswer> {
  const [name, subject, conversation] = [args.text('name'), args.text('subject'), args.text('conversation')]
  return adminClient(args, io).post<TokenAnswer>('/api/tokens', {
    kind: 'visitor',
    ...(name !== undefined && { name }),
    ...(subject !== undefined && { subject }),
    ...(conversation !== undefined && { conversation }),
  })
}

function scopesIn(args: Arguments): readonly string[] {
  const scopes = (args.text('scopes') ?? '')
    .split(',')
    .map((scope) => scope.trim())
    .filter(Boolean)
  const strange = scopes.find((scope) => !SCOPES.some((known) => known === scope))
  if (strange !== undefined) throw new UsageError(`There is no scope "${strange}".${suggestion(strange, SCOPES)}`)
  return scopes
}

function secretIn(directory: string): string | undefined {
  try {
    return readFileSync(join(directory, 'secret'), 'utf8').trim()
  } catch {
    return undefined
  }
}
