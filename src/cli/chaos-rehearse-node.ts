import { writeFileSync } from 'node:fs'
import { clientPorts } from '../bench/client-ports-node.ts'
import { rehearse } from '../chaos/rehearsal-driver.ts'
import { chronicleLine, rehearsalMarkdown } from '../chaos/rehearsal-markdown.ts'
import { CannotRehearse, REHEARSAL_STEPS, type RehearsalStep } from '../chaos/rehearsal-plan.ts'
import { type RehearsalReport, rehearsalLines, rehearsalReport } from '../chaos/rehearsal-report.ts'
import type { ClusterAnswer } from '../protocol/rest-answers.ts'
import { type AdminClient, clientOf, RefusedByCluster } from './admin-client-node.ts'
import { type Arguments, EXIT, type OptionSpec, suggestion, UsageError, type VerbIo } from './verb.ts'

export const REHEARSE_USAGE =
  'chaos rehearse [--cluster <url>] [--token <token>] [--node <name>] [--steps drain,kill,cut,hand] [--yes] [--report <file>]'

/** Options of `chaos rehearse` beside `--data` and `--json`. */
export const REHEARSE_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  cluster: {
    type: 'string',
    placeholder: 'url',
    help: 'With rehearse: any node of yours. Default: HOLDFAST_URL, else what `holdfast up` runs here.',
  },
  token: {
    type: 'string',
    placeholder: 'token',
    help: 'With rehearse: staff token with the scopes admin and tokens. Default: HOLDFAST_TOKEN, else <data>/admin.token.',
  },
  node: { type: 'string', placeholder: 'name', help: 'With rehearse: who is hit. Default: the fullest chat node.' },
  steps: {
    type: 'string',
    default: 'drain,kill,cut',
    placeholder: 'steps',
    help: 'With rehearse: drain, kill, cut; and hand, where you cut the power and we watch.',
  },
  canaries: {
    type: 'string',
    default: '4',
    placeholder: 'number',
    help: 'With rehearse: conversations of our own that talk meanwhile.',
  },
  deadline: { type: 'string', default: '60s', placeholder: 'time', help: 'With rehearse: how long a drain may take.' },
  watch: { type: 'string', default: '60s', placeholder: 'time', help: 'With rehearse: how long to watch your hand.' },
  yes: { type: 'boolean', default: false, help: 'With rehearse: do every step without asking.' },
}

// Each asks for two tokens, and an address may ask for 60 in a minute.
const CANARIES_MAX = 20

/** `holdfast chaos rehearse`: the harmless faults on a cluster that runs already. */
export async function rehearseVerb(args: Arguments, io: VerbIo): Promise<number> {
  if (!args.flag('yes') && !io.interactive)
    throw new UsageError('A rehearsal asks before each step, and there is no terminal to ask on. --yes does all steps.')
  const asked = {
    steps: stepsIn(args),
    canaries: args.number('canaries', { min: 1, max: CANARIES_MAX }),
    drainDeadlineMs: args.durationMs('deadline'),
    watchMs: args.durationMs('watch'),
  }
  const node = args.text('node')
  const questions = new Questions(io)
  try {
    const client = await clientIn(args, io)
    const result = await rehearse({
      calls: (token) => (token === undefined ? client : client.as(token)),
      ports: clientPorts(),
      ...asked,
      ...(node !== undefined && { node }),
      confirm: args.flag('yes') ? () => Promise.resolve(true) : (question) => questions.ask(question),
      onLine: (line) => io.err(chronicleLine(line)),
      interrupted: io.interrupted,
    })
    return told(rehearsalReport(result), args, io)
  } catch (error) {
    throw explained(error)
  } finally {
    await questions.end()
  }
}

/** Knows every node: the one that is asked may be the one that is killed. */
async function clientIn(args: Arguments, io: VerbIo): Promise<AdminClient> {
  const named = { url: args.text('cluster'), token: args.text('token'), directory: args.text('data') }
  const client = clientOf({ ...named, option: 'cluster' }, io)
  const { nodes } = await client.get<ClusterAnswer>('/api/cluster')
  return client.alsoAt(nodes.flatMap(({ state, url }) => (state === 'live' && url ? [url] : [])))
}

function stepsIn(args: Arguments): readonly RehearsalStep[] {
  const words = (args.text('steps') ?? '').split(',').map((word) => word.trim())
  return words.map((word) => {
    const step = REHEARSAL_STEPS.find((known) => known === word)
    if (step === undefined)
      throw new UsageError(
        `--steps must be some of ${REHEARSAL_STEPS.join(', ')}, not "${word}".${suggestion(word, REHEARSAL_STEPS)}`,
      )
    return step
  })
}

/** Questions to whoever sits there. All share one reader: what was typed ahead must not be lost between two. */
class Questions {
  readonly #io: VerbIo
  #lines: AsyncIterator<string> | undefined

  constructor(io: VerbIo) {
    this.#io = io
  }

  /** Who is not there any more says no. */
  async ask(question: string): Promise<boolean> {
    this.#io.err(`${question} [y/N]`)
    this.#lines ??= this.#io.lines()[Symbol.asyncIterator]()
    const { value, done } = await this.#lines.next()
    return !done && /^\s*y(es)?\s*$/i.test(String(value))
  }

  /** An open input would keep the process alive. */
  async end(): Promise<void> {
    await this.#lines?.return?.()
  }
}

function told(report: RehearsalReport, args: Arguments, io: VerbIo): number {
  const file = args.text('report')
  if (file !== undefined) writeFileSync(file, rehearsalMarkdown(report))
  if (args.flag('json')) io.out(JSON.stringify(report, null, 2))
  else for (const line of rehearsalLines(report)) io.out(line)
  if (file !== undefined) io.err(`The report is in ${file}.`)
  if (report.interrupted) return EXIT.interrupted
  return report.passed ? EXIT.done : EXIT.failed
}

/** Says what to do where the cluster does not let us, or does not fit. */
function explained(error: unknown): unknown {
  if (error instanceof CannotRehearse) return new Error(error.message)
  if (!(error instanceof RefusedByCluster)) return error
  const { code, message } = error.answer
  if (code === 'rate-limited') return new Error(`${message} Wait a minute, or take fewer --canaries.`)
  if (!['token-missing', 'token-invalid', 'token-expired', 'not-allowed'].includes(code)) return error
  return new Error(
    `The cluster refused the token: ${message} A rehearsal needs one with the scopes admin and tokens: \`holdfast token staff --name rehearsal --scopes admin,tokens\`.`,
  )
}
