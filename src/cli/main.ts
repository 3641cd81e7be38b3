import { loadVerb, VERB_NAMES } from './all-verbs.ts'
import { helpOf } from './help-text.ts'
import { terminal } from './terminal-node.ts'
import { EXIT, parseArguments, suggestion, UsageError, type Verb, type VerbIo } from './verb.ts'

/** What `bin/holdfast.js` calls: one command line on the real terminal. */
export function main(argv: readonly string[]): Promise<number> {
  return run(argv, terminal())
}

/** Runs one command line (without `node` and the program) and answers the exit code. Never throws. */
export async function run(argv: readonly string[], io: VerbIo): Promise<number> {
  const [first = 'help', ...rest] = argv
  const asked = first === '--help' || first === '-h' ? 'help' : first === '--version' ? 'version' : first
  if (asked === 'version') return printVersion(io)
  const name = VERB_NAMES.find((known) => known === asked)
  if (name === undefined) {
    io.err(`There is no verb "${first}".${suggestion(first, VERB_NAMES)}`)
    io.err('`holdfast help` lists all verbs.')
    return EXIT.usage
  }
  return runVerb(await loadVerb(name), rest, io)
}

async function runVerb(verb: Verb, argv: readonly string[], io: VerbIo): Promise<number> {
  try {
    const args = parseArguments(verb, argv)
    if (args.flag('help')) {
      io.out(helpOf(verb))
      return EXIT.done
    }
    return await verb.run(args, io)
  } catch (error) {
    if (error instanceof UsageError) {
      io.err(error.message)
      io.err(`\`holdfast ${verb.name} --help\` tells more.`)
      return EXIT.usage
    }
    if (error instanceof Error && error.name === 'Unreachable') {
      io.err(error.message)
      return EXIT.unreachable
    }
    io.err(io.env.HOLDFAST_DEBUG && error instanceof Error ? (error.stack ?? error.message) : messageOf(error))
    return EXIT.failed
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

async function printVersion(io: VerbIo): Promise<number> {
  const { PROGRAM_VERSION } = await import('../config/program-version-node.ts')
  io.out(PROGRAM_VERSION)
  return EXIT.done
}
