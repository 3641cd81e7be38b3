import { JOIN_COMMANDS } from '../protocol/set-up-steps.ts'
import { CLUSTER_OPTIONS } from './admin-client-node.ts'
import { enterSetup } from './setup-entrance-node.ts'
import { InvalidSetupFile, readSetupPlan } from './setup-plan-node.ts'
import { SetupRun, type SetupStepOutcome } from './setup-steps-node.ts'
import { EXIT, JSON_OPTION, UsageError, type Verb, type VerbIo } from './verb.ts'

export const verb: Verb = {
  name: 'setup',
  summary: 'Sets a system up from a file, by the steps of the page /set-up; says how each step stands.',
  usage: ['setup', 'setup --file <file> [--check] [--link <url>]'],
  examples: [
    { command: 'holdfast setup', does: 'How each step stands, and what to do where one is open.' },
    {
      command: 'HOLDFAST_SETUP_LINK=https://chat-1:8400/set-up#link=hfl_... holdfast setup --file setup.yaml',
      does: 'Takes the steps of the file, with the link that the first node printed. Given again it changes nothing.',
    },
    {
      command: 'holdfast setup --file setup.yaml --check --json',
      does: 'Judges the file and says what would change; changes nothing and sends no mail.',
    },
  ],
  options: {
    file: { type: 'string', placeholder: 'file', help: 'YAML; examples/setup/setup.yaml shows all of it.' },
    check: { type: 'boolean', default: false, help: 'Change nothing.' },
    link: {
      type: 'string',
      placeholder: 'url',
      help: 'The set-up link that a node printed, while nobody has an account. Default: HOLDFAST_SETUP_LINK.',
    },
    ...CLUSTER_OPTIONS,
    json: JSON_OPTION,
  },
  notes: [
    'Steps: database, address, certificate, mail, administrator, join. Those that the file does not name stay as they are. Secrets do not stand in the file: `{ env: NAME }` or `{ file: path }` says where they are; paths are relative to the file.',
    'Who sets up: the set-up link, while nobody has an account; else a token; else the administrator of the file, by the password that it names.',
    'Exit code 1: the file is wrong (nothing was done then), or a step is not right. Give it again when that is mended.',
  ],
  async run(args, io) {
    if (args.words.length > 0) throw new UsageError('setup takes no words; the steps stand in a file: --file.')
    const [file, check, json] = [args.text('file'), args.flag('check'), args.flag('json')]
    if (check && file === undefined) throw new UsageError('--check needs --file.')
    let plan: ReturnType<typeof readSetupPlan>
    try {
      plan = file === undefined ? {} : readSetupPlan(file, io.env)
    } catch (error) {
      if (!(error instanceof InvalidSetupFile)) throw error
      if (json) io.out(JSON.stringify({ ok: false, faults: error.faults }))
      for (const line of error.message.split('\n')) io.err(line)
      return EXIT.failed
    }
    const entrance = await enterSetup(args, io, plan)
    try {
      const steps = await new SetupRun(entrance, plan, check).steps((outcome) => tellStep(io, outcome, check))
      const failed = steps.filter(({ state }) => state === 'failed').length
      const complete = steps.every(({ state }) => state === 'done' || state === 'skipped')
      if (json) io.out(JSON.stringify({ ok: failed === 0, complete, check, steps, join: JOIN_COMMANDS }))
      else for (const line of closing(steps, failed, complete)) io.out(line)
      return failed === 0 ? EXIT.done : EXIT.failed
    } finally {
      // A session that stays open for a while does no harm; the steps are over either way.
      await entrance.leave().catch(() => {})
    }
  },
}

const WORDS: Readonly<Record<SetupStepOutcome['state'], string>> = {
  done: 'done',
  open: 'open',
  failed: 'NOT RIGHT',
  skipped: 'left out',
}

function tellStep(io: VerbIo, { title, state, changed, sentence, remedy }: SetupStepOutcome, check: boolean): void {
  const change = changed ? (check ? ', would change' : ', changed') : ''
  io.err(`${title}: ${WORDS[state]}${change}. ${sentence}`)
  if (remedy !== '') io.err(`    -> ${remedy}`)
}

function closing(steps: readonly SetupStepOutcome[], failed: number, complete: boolean): readonly string[] {
  const open = steps.filter(({ state }) => state === 'open').length
  const stand =
    failed > 0
      ? `${failed} of ${steps.length} steps are not right.`
      : complete
        ? 'Everything is decided.'
        : `${open} of ${steps.length} steps are open.`
  return [
    stand,
    'The next server joins by a token that is made on one that is in:',
    `    ${JOIN_COMMANDS.make}`,
    `    ${JOIN_COMMANDS.join}`,
  ]
}
