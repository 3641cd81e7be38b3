import type { DoctorAnswer } from '../protocol/doctor-answers.ts'
import { type ClusterFile, readClusterFile } from '../server/data-directory-node.ts'
import { adminClient, CLUSTER_OPTIONS, RefusedByCluster, Unreachable } from './admin-client-node.ts'
import { type DoctorFinding, examine, secretOf } from './doctor-checks-node.ts'
import { describeCluster } from './doctor-report.ts'
import { type Arguments, EXIT, JSON_OPTION, UsageError, type Verb, type VerbIo } from './verb.ts'

export const verb: Verb = {
  name: 'doctor',
  summary:
    'Looks whether this machine, its database and every node of a cluster are fit, and says what to do where not.',
  usage: ['doctor [--database <url>] [--data .holdfast] [--port 8400]', 'doctor --url <url> --token <token>'],
  examples: [
    { command: 'holdfast doctor', does: 'Before the first start; beside a running cluster each of its nodes, too.' },
    {
      command: 'holdfast doctor --database postgres://user:password@db/holdfast',
      does: 'Looks at a database of your own.',
    },
    { command: 'holdfast doctor --url https://chat.example.com', does: 'The nodes of any cluster, from anywhere.' },
  ],
  options: {
    ...CLUSTER_OPTIONS,
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
    'Looks on this machine at: runtime, pages, embedded database, disk, ports, safety settings of the database, clock, conversations, certificates between nodes, the certificate that people see.',
    'Where a cluster runs, each of its nodes repeats every check, and all are compared: docs/operate/doctor.md. An address by --url or HOLDFAST_URL means that cluster alone, and nothing of this machine. A token with scope audit is enough.',
    'Exit code 1: something failed; warnings do not count. Exit code 3: no node answered at the address.',
  ],
  async run(args, io) {
    const named = args.text('url') ?? io.env.HOLDFAST_URL
    const running = readClusterFile(args.text('data') ?? '.holdfast')
    const patient = named ? undefined : patientOf(args, io, running)
    const [here, cluster] = await Promise.all([
      patient ? examine(patient) : [],
      named ? askCluster(args, io) : running && askRunning(args, io),
    ])
    const findings = cluster && 'silent' in cluster ? [...here, cluster.silent] : here
    const answer = cluster && !('silent' in cluster) ? cluster : undefined
    const ok = findings.every(({ state }) => state !== 'failed') && (answer?.ok ?? true)
    if (args.flag('json')) io.out(JSON.stringify({ ok, findings, ...(answer && { cluster: answer }) }))
    else for (const line of describe(findings, answer)) io.out(line)
    return ok ? EXIT.done : EXIT.failed
  },
}

function patientOf(args: Arguments, io: VerbIo, cluster: ClusterFile | undefined) {
  const dataDir = args.text('data') ?? '.holdfast'
  const port = args.number('port', { min: 1, max: 65_534 })
  const database = args.text('database') ?? io.env.HOLDFAST_DATABASE ?? cluster?.database
  const secret = io.env.HOLDFAST_SECRET ?? secretOf(dataDir)
  const publicUrl = args.text('public-url') ?? io.env.HOLDFAST_PUBLIC_URL ?? cluster?.publicUrl
  if (publicUrl && !URL.canParse(publicUrl)) throw new UsageError('--public-url must be an address.')
  return {
    dataDir,
    ports: [port, port + 1],
    env: io.env,
    ...(cluster && { cluster }),
    ...(database && { database }),
    ...(secret && { secret }),
    ...(publicUrl && { publicUrl }),
  }
}

function askCluster(args: Arguments, io: VerbIo): Promise<DoctorAnswer> {
  return adminClient(args, io).get<DoctorAnswer>('/api/cluster/doctor')
}

/** A cluster that this directory says is running, and that does not tell, is a finding beside those of the machine. */
async function askRunning(args: Arguments, io: VerbIo): Promise<DoctorAnswer | { readonly silent: DoctorFinding }> {
  try {
    return await askCluster(args, io)
  } catch (error) {
    const told = { name: 'cluster', found: error instanceof Error ? error.message : String(error) }
    if (error instanceof RefusedByCluster) {
      const remedy = 'Give --url and a --token that is good; nodes of an earlier version cannot be asked.'
      return { silent: { ...told, state: 'unknown', remedy } }
    }
    if (!(error instanceof Unreachable)) throw error
    const remedy = 'See its logs in the data directory, end what is left of it, and start it again by `holdfast up`.'
    return { silent: { ...told, state: 'failed', remedy } }
  }
}

const MARKS: Readonly<Record<DoctorFinding['state'], string>> = { ok: 'ok     ', failed: 'FAILED ', unknown: '-      ' }

function describe(findings: readonly DoctorFinding[], cluster: DoctorAnswer | undefined): readonly string[] {
  const width = Math.max(...findings.map(({ name }) => name.length))
  const lines = findings.flatMap(({ name, state, found, remedy }) => [
    `${MARKS[state]}${name.padEnd(width)}  ${found}`,
    ...(remedy ? [`${' '.repeat(MARKS.ok.length + width + 2)}-> ${remedy}`] : []),
  ])
  const between = lines.length > 0 && cluster ? [''] : []
  return [...lines, ...between, ...(cluster ? describeCluster(cluster) : []), '', summaryOf(findings, cluster)]
}

function summaryOf(findings: readonly DoctorFinding[], cluster: DoctorAnswer | undefined): string {
  const told = cluster?.findings ?? []
  const states = [...findings.map(({ state }) => state), ...told.map(({ severity }) => severity)]
  const counts = { failed: 0, warning: 0 }
  for (const each of states) if (each === 'failed' || each === 'warning') counts[each] += 1
  if (counts.failed > 0) return `${counts.failed} of ${states.length} need something to be done.`
  if (counts.warning > 0) return `Nothing failed; ${counts.warning} of ${states.length} should be looked at.`
  return 'Everything is as it should be.'
}
