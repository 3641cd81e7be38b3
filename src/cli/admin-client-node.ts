import { createWriteStream, existsSync, openAsBlob, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import type { RefusedAnswer } from '../protocol/rest-answers.ts'
import { CERTIFICATE_FILE, readClusterFile } from '../server/data-directory-node.ts'
import { type Arguments, type OptionSpec, UsageError, type VerbIo } from './verb.ts'

/** Options of every verb that talks to a running cluster. */
export const CLUSTER_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  url: {
    type: 'string',
    placeholder: 'url',
    help: 'Address of any node. Default: HOLDFAST_URL, else the cluster that `holdfast up` runs here.',
  },
  token: {
    type: 'string',
    placeholder: 'token',
    help: 'API key or staff token with scope admin. Default: HOLDFAST_TOKEN, else <data>/admin.token.',
  },
  ca: {
    type: 'string',
    placeholder: 'file',
    help: 'Trust this certificate, too (PEM). Default: HOLDFAST_CA, else the one in the data directory.',
  },
  data: { type: 'string', placeholder: 'directory', default: '.holdfast', help: 'Data directory of `holdfast up`.' },
}

/** No node answered, at any address. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'
}

/** The cluster understood and said no. */
export class RefusedByCluster extends Error {
  override readonly name = 'RefusedByCluster'
  readonly answer: RefusedAnswer
  constructor(answer: RefusedAnswer) {
    super(answer.message)
    this.answer = answer
  }
}

const TIMEOUT_MS = 10_000
/** A file travels, and an image is encoded anew. */
const FILE_TIMEOUT_MS = 120_000

/** What a request carries. */
interface Carried {
  readonly type: string
  readonly body: string | Blob
}

/** Calls the REST side of a cluster: the first of its addresses that answers. */
export class AdminClient {
  readonly urls: readonly string[]
  readonly #token: string

  constructor(urls: readonly string[], token: string) {
    this.urls = urls
    this.#token = token
  }

  /** The same cluster for the holder of another token. */
  as(token: string): AdminClient {
    return new AdminClient(this.urls, token)
  }

  /** The same cluster, at these addresses too. */
  alsoAt(urls: readonly string[]): AdminClient {
    return new AdminClient([...new Set([...this.urls, ...urls])], this.#token)
  }

  async get<Answer>(path: string): Promise<Answer> {
    return this.#call<Answer>('GET', path)
  }

  async post<Answer>(path: string, body: object = {}, patienceMs: number = TIMEOUT_MS): Promise<Answer> {
    return this.#call<Answer>('POST', path, { type: 'application/json', body: JSON.stringify(body) }, patienceMs)
  }

  /** Sends a file, which is read while it goes. */
  async postFile<Answer>(path: string, file: string): Promise<Answer> {
    return this.#call<Answer>('POST', path, { type: 'application/octet-stream', body: await openAsBlob(file) })
  }

  /** Writes what is at an address to a file while it comes. */
  async saveFile(path: string, file: string): Promise<void> {
    const { body } = await this.#ask('GET', path, undefined, FILE_TIMEOUT_MS)
    // One class with two declarations: the browser’s and Node’s.
    await pipeline(Readable.fromWeb((body ?? new Blob().stream()) as ReadableStream), createWriteStream(file))
  }

  async #call<Answer>(
    method: 'GET' | 'POST',
    path: string,
    carried?: Carried,
    patienceMs: number = TIMEOUT_MS,
  ): Promise<Answer> {
    const timeoutMs = typeof carried?.body === 'object' ? FILE_TIMEOUT_MS : patienceMs
    const response = await this.#ask(method, path, carried, timeoutMs)
    return (await response.json().catch(() => undefined)) as Answer
  }

  async #ask(method: 'GET' | 'POST', path: string, carried: Carried | undefined, timeoutMs: number): Promise<Response> {
    let failure = ''
    for (const url of this.urls) {
      let response: Response
      try {
        response = await fetch(new URL(path, url), {
          method,
          headers: {
            authorization: `Bearer ${this.#token}`,
            'content-type': carried?.type ?? 'application/json',
          },
          ...(carried && { body: carried.body }),
          signal: AbortSignal.timeout(timeoutMs),
        })
      } catch (error) {
        failure = `${url} does not answer (${reasonOf(error)})`
        continue
      }
      if (response.ok) return response
      const answer: unknown = await response.json().catch(() => undefined)
      if (isRefusedAnswer(answer)) throw new RefusedByCluster(answer)
      failure = `${url} answered ${response.status}, which no Holdfast node does`
    }
    throw new Unreachable(`No node of the cluster answers: ${failure}.`)
  }
}

/** The cluster that the options, the environment or the data directory name. */
export function adminClient(args: Arguments, io: VerbIo): AdminClient {
  const named = { url: args.text('url'), token: args.text('token'), directory: args.text('data'), ca: args.text('ca') }
  return clientOf({ ...named, option: 'url' }, io)
}

/** How a command line names a cluster; `option` is what it calls the address. */
export interface NamedCluster {
  readonly url: string | undefined
  readonly token: string | undefined
  readonly directory: string | undefined
  readonly ca?: string | undefined
  readonly option: string
}

export function clientOf({ url, token, directory = '.holdfast', ca, option }: NamedCluster, io: VerbIo): AdminClient {
  const cluster = readClusterFile(directory)
  trust(ca ?? io.env.HOLDFAST_CA, cluster?.certificateFile ?? join(directory, CERTIFICATE_FILE))
  const named = url ?? io.env.HOLDFAST_URL
  const urls = named ? [named] : (cluster?.urls ?? [])
  if (urls.some((each) => !URL.canParse(each)))
    throw new UsageError(`--${option} must be an address such as http://localhost:8400.`)
  if (urls.length === 0)
    throw new Unreachable(
      `No cluster runs on ${directory}. Start one by \`holdfast up\`, or give --${option} and --token.`,
    )
  const known = token ?? io.env.HOLDFAST_TOKEN ?? tokenIn(cluster?.adminTokenFile)
  if (!known) throw new UsageError('An API key or staff token with scope admin is needed: --token or HOLDFAST_TOKEN.')
  return new AdminClient(urls, known)
}

/** Lets this process believe a certificate that signed itself: who has its file knows whose it is. */
export function trust(named: string | undefined, usual: string): void {
  const file = named ?? (existsSync(usual) ? usual : undefined)
  if (file === undefined) return
  try {
    setDefaultCACertificates([...getCACertificates('default'), readFileSync(file, 'utf8')])
  } catch (error) {
    throw new UsageError(`The certificate ${file} cannot be read: ${error instanceof Error ? error.message : error}.`)
  }
}

function tokenIn(file: string | undefined): string | undefined {
  try {
    return file === undefined ? undefined : readFileSync(file, 'utf8').trim()
  } catch {
    return undefined
  }
}

function isRefusedAnswer(answer: unknown): answer is RefusedAnswer {
  return typeof answer === 'object' && answer !== null && 'code' in answer && 'message' in answer
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause as { code?: unknown } | undefined) : undefined
  if (typeof cause?.code === 'string') return cause.code
  return error instanceof Error ? error.message : String(error)
}
