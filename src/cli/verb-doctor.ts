import { readClusterFile } from '../server/data-directory-node.ts'
import { type DoctorFinding, examine, secretOf } from './doctor-checks-node.ts'
import { EXIT, JSON_OPTION, UsageError, type Verb } from './verb.ts'

export const verb: Verb = {
  name: 'doctor',
  summary: 'Looks whether this machine and its database are fit, and says what to do where not.',
  usage: ['doctor [--database <url>] [--data .holdfast] [--port 8400]'],
  examples: [
    { command: 'holdfast doctor', does: 'Before the first start, or beside a running cluster.' },
    {
      command: 'holdfast doctor --database postgres://user:password@db/holdfast',
      does: 'Looks at a database of your own.',
    },
  ],
  options: {
    data: { type: 'string', default: '.holdfast', placeholder: 'directory', help: 'Data directory of `holdfast up`.' },
    database: {
      type: 'string',
      placeholder: 'url',
      help: 'PostgreSQL of your own. Default: HOLDFAST_DATABASE, else that of the running cluster.',
    },
    'public-url': {
      type: 'string',
      placeholder: 'url',
      help: 'The address that people use. Default: HOLDFAST_PUBLIC_URL, else that of the running cluster.',
    },
    port: {
      type: 'string',
      default: '8400',
      placeholder: 'number',
      help: 'Port that the first edge shall have; the next one is looked at, too.',
    },
    json: JSON_OPTION,
  },
  notes: [
    'Looks at: runtime, pages, embedded database, disk, ports, safety settings of the database, clock, conversations, certificates between nodes, the certificate that people see. Exit code 1: something failed.',
  ],
  async run(args, io) {
    const dataDir = args.text('data') ?? '.holdfast'
    const port = args.number('port', { min: 1, max: 65_534 })
    const cluster = readClusterFile(dataDir)
    const database = args.text('database') ?? io.env.HOLDFAST_DATABASE ?? cluster?.database
    const secret = io.env.HOLDFAST_SECRET ?? secretOf(dataDir)
    const publicUrl = args.text('public-url') ?? io.env.HOLDFAST_PUBLIC_URL ?? cluster?.publicUrl
    if (publicUrl && !URL.canParse(publicUrl)) throw new UsageError('--public-url must be an address.')
    const findings = await examine({
      dataDir,
      ports: [port, port + 1],
      env: io.env,
      ...(cluster && { cluster }),
      ...(database && { database }),
      ...(secret && { secret }),
      ...(publicUrl && { publicUrl }),
    })
    const failed = findings.filter(({ state }) => state === 'failed').length
    if (args.flag('json')) io.out(JSON.stringify({ ok: failed === 0, findings }))
    else {
      for (const line of describe(findings)) io.out(line)
      io.out(
        failed === 0 ? 'Everything is as it should be.' : `${failed} of ${findings.length} need something to be done.`,
      )
    }
    return failed === 0 ? EXIT.done : EXIT.failed
  },
}

const MARKS: Readonly<Record<DoctorFinding['state'], string>> = { ok: 'ok     ', failed: 'FAILED ', unknown: '-      ' }

function describe(findings: readonly DoctorFinding[]): readonly string[] {
  const width = Math.max(...findings.map(({ name }) => name.length))
  return findings.flatMap(({ name, state, found, remedy }) => [
    `${MARKS[state]}${name.padEnd(width)}  ${found}`,
    ...(remedy ? [`${' '.repeat(MARKS.ok.length + width + 2)}-> ${remedy}`] : []),
  ])
}
