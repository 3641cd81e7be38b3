import type { SessionAnswer } from '../protocol/account-answers.ts'
import type { SetUpAnswer } from '../protocol/set-up-answers.ts'
import { readClusterFile } from '../server/data-directory-node.ts'
import { type AdminClient, clientOf, RefusedByCluster } from './admin-client-node.ts'
import type { SetupPlan } from './setup-plan-node.ts'
import { type Arguments, UsageError, type VerbIo } from './verb.ts'

/** Somebody who may set the cluster up. */
export interface SetupEntrance {
  readonly client: AdminClient
  /** The secret of the set-up link; absent once there is an account. */
  readonly link?: string
  /** Ends the session that was opened for it. */
  leave(): Promise<void>
}

const LINK = /#link=(hfl_[\w-]+)$/

/**
 * By the set-up link while it is good, else by a token, else as the administrator of the file: so the same file can be
 * given again and again.
 */
export async function enterSetup(args: Arguments, io: VerbIo, plan: SetupPlan): Promise<SetupEntrance> {
  const address = args.text('link') ?? io.env.HOLDFAST_SETUP_LINK
  const link = address === undefined ? undefined : linkIn(address)
  const origin = link && new URL(address ?? '').origin
  const { account } = plan
  const client = (token?: string): AdminClient => {
    const url = args.text('url') ?? io.env.HOLDFAST_URL ?? origin
    const named = { url, directory: args.text('data'), ca: args.text('ca'), option: 'url' }
    return clientOf({ ...named, token: token ?? args.text('token') }, io)
  }
  if (link !== undefined) {
    const byLink = client(link)
    if (await opens(byLink)) return { client: byLink, link, leave: async () => {} }
  }
  if (hasToken(args, io)) return { client: client(), leave: async () => {} }
  if (account) return signIn(client(NO_TOKEN), account)
  const void_ = link === undefined ? '' : 'The set-up link opens nothing any more. '
  throw new UsageError(
    `${void_}Who sets up? Give --link (a node prints it when it starts and nobody has an account), --token, or the administrator in the file.`,
  )
}

// Signing in needs none.
const NO_TOKEN = 'none'

async function signIn(
  door: AdminClient,
  { name, password }: { name: string; password: string },
): Promise<SetupEntrance> {
  const { token, subject, session } = await door.post<SessionAnswer>('/api/session', { name, password })
  const client = door.as(token)
  return { client, leave: () => client.post(`/api/accounts/${subject}/sessions/${session}/end`) }
}

function hasToken(args: Arguments, io: VerbIo): boolean {
  if (args.text('token') ?? io.env.HOLDFAST_TOKEN) return true
  return readClusterFile(args.text('data') ?? '.holdfast') !== undefined
}

async function opens(client: AdminClient): Promise<boolean> {
  try {
    await client.get<SetUpAnswer>('/api/set-up')
    return true
  } catch (error) {
    if (error instanceof RefusedByCluster && error.answer.code === 'token-invalid') return false
    throw error
  }
}

function linkIn(address: string): string {
  const [, link] = LINK.exec(address) ?? []
  if (link === undefined || !URL.canParse(address))
    throw new UsageError('--link must be the whole address that a node printed, https://.../set-up#link=hfl_...')
  return link
}
