import { readFileSync } from 'node:fs'
import { parentProcess } from '../server/parent-process-node.ts'
import { serveNode } from '../server/serve-node.ts'
import { settingOptions, settingsFrom } from './settings-options.ts'
import { EXIT, UsageError, type Verb, type VerbIo } from './verb.ts'

export const verb: Verb = {
  name: 'serve',
  summary: 'Runs one node in the foreground until it is asked to end.',
  usage: ['serve --join <token>', 'serve --database <url> [--role chat|edge|all|backup] [--config <file>]'],
  examples: [
    {
      command: 'holdfast serve --join "$(cat join.token)" --name n4 --role chat',
      does: 'Joins a cluster as another chat node. The token comes from `holdfast token join`.',
    },
    {
      command:
        'HOLDFAST_SECRET=... holdfast serve --database postgres://user:password@db/holdfast --public-url https://chat.example.com',
      does: 'The first node of a cluster on a database of your own; it makes the cluster authority.',
    },
    {
      command: 'holdfast serve --join "$(cat join.token)" --new-identity',
      does: 'Joins from a machine that is a copy of another node.',
    },
  ],
  options: {
    config: {
      type: 'string',
      placeholder: 'file',
      help: 'JSON file with settings; options and environment win over it.',
    },
    ...settingOptions(),
  },
  notes: [
    'The log goes to standard output, one JSON object per line. Where there is no account yet, a link by which the first one is made goes to standard error.',
    'SIGTERM or Ctrl-C: the node gives its conversations to others and asks its clients to go elsewhere, then ends with 0, or with 1 when the deadline passed first. A second signal ends it at once.',
  ],
  async run(args, io) {
    const settings = settingsFrom(args, io, configFile(args.text('config')))
    const parent = parentProcess()
    const ending = endingOf(io)
    parent?.onStop((reason) => ending.end({ drain: false, code: EXIT.done, reason }))
    const node = await serveNode(settings, {
      ...(parent && { supervisor: parent.supervisor }),
      fatal: (reason) => ending.end({ drain: false, code: EXIT.failed, reason }),
    }).catch((error: unknown) => {
      parent?.release()
      throw error
    })
    parent?.ready(node.name, node.httpUrl)
    // For the person at the terminal, and for no log.
    if (node.setUpLink !== undefined)
      io.err(`Nobody has an account yet. Make the first one within a day: ${node.setUpLink}`)
    const { drain, code, reason } = await ending.asked
    node.log.info(`The node ends: ${reason}.`)
    const drained = drain ? await node.drain() : undefined
    await node.stop()
    parent?.release()
    return drained?.phase === 'expired' ? EXIT.failed : code
  },
}

interface Ending {
  readonly drain: boolean
  readonly code: number
  readonly reason: string
}

/** The first reason to end wins. */
function endingOf(io: VerbIo): { asked: Promise<Ending>; end: (ending: Ending) => void } {
  const { promise: asked, resolve: end } = Promise.withResolvers<Ending>()
  const interrupted = () => end({ drain: true, code: EXIT.done, reason: 'it was asked to by a signal' })
  if (io.interrupted.aborted) interrupted()
  else io.interrupted.addEventListener('abort', interrupted, { once: true })
  return { asked, end }
}

function configFile(name: string | undefined): { name: string; text: string } | undefined {
  if (name === undefined) return undefined
  try {
    return { name, text: readFileSync(name, 'utf8') }
  } catch {
    throw new UsageError(`The file ${name} cannot be read.`)
  }
}
