import { readFileSync, writeFileSync } from 'node:fs'
import { pause } from '../base/clock.ts'
import type {
  CertificateAnswer,
  CertificateExportAnswer,
  CertificateImportAnswer,
  CertificateIssueAnswer,
  CertificateRow,
} from '../protocol/certificate-answers.ts'
import { type AdminClient, adminClient, CLUSTER_OPTIONS } from './admin-client-node.ts'
import { timeText } from './time-text-node.ts'
import { type Arguments, EXIT, JSON_OPTION, suggestion, UsageError, type Verb, type VerbIo } from './verb.ts'

export const verb: Verb = {
  name: 'cert',
  summary: 'The certificate that people see: shows, imports, exports it, has one issued.',
  usage: [
    'cert status',
    'cert import <file> [--key <file>] [--passphrase-file <file>] [--dry-run]',
    'cert export <file> [--format pem|pfx] [--private-key --passphrase-file <file>]',
    'cert issue --agree-terms [--names <names>] [--email <address>] [--directory <url>]',
  ],
  examples: [
    { command: 'holdfast cert status', does: 'How long it is good, what is wrong with it, which node shows it.' },
    {
      command: 'HOLDFAST_PASSPHRASE=... holdfast cert import chat.pfx',
      does: 'All nodes show the certificate of the file within two seconds; no open socket notices.',
    },
    { command: 'holdfast cert import fullchain.pem --key privkey.pem', does: 'The same from PEM.' },
    {
      command: 'HOLDFAST_PASSPHRASE=... holdfast cert export chat.pfx --format pfx --private-key',
      does: 'For another program; the private key is encrypted by the passphrase.',
    },
    {
      command: 'holdfast cert issue --agree-terms --email ops@example.com',
      does: 'Let’s Encrypt issues one for the host of the public address, and renews it in time.',
    },
  ],
  options: {
    key: {
      type: 'string',
      placeholder: 'file',
      help: 'With import: the private key, where it is in a file of its own.',
    },
    'passphrase-file': {
      type: 'string',
      placeholder: 'file',
      help: 'Its first line is the passphrase. Default: HOLDFAST_PASSPHRASE.',
    },
    'dry-run': { type: 'boolean', default: false, help: 'With import: say what is wrong with it, and store nothing.' },
    format: { type: 'string', default: 'pem', placeholder: 'format', help: 'With export: pem or pfx.' },
    'private-key': { type: 'boolean', default: false, help: 'With export: the private key, too.' },
    names: {
      type: 'string',
      placeholder: 'names',
      help: 'With issue: hosts, separated by commas. Default: that of the public address.',
    },
    email: { type: 'string', placeholder: 'address', help: 'With issue: whom the authority may tell of troubles.' },
    directory: {
      type: 'string',
      placeholder: 'url',
      help: 'With issue: the ACME directory of the authority. Default: Let’s Encrypt.',
    },
    'agree-terms': { type: 'boolean', default: false, help: 'With issue: you agree to the terms of the authority.' },
    wait: { type: 'string', default: '3m', placeholder: 'time', help: 'With issue: how long to wait for the outcome.' },
    ...CLUSTER_OPTIONS,
    json: JSON_OPTION,
  },
  notes: [
    'A certificate that clients would refuse is not taken: wrong key, wrong name, ended, chain in pieces. What only some clients mind is told by status.',
    'An authority proves names by HTTP-01: it must reach a node at port 80 of each name (setting redirectPort, or a balancer before it).',
    'status ends with 1 when there is no certificate or something is wrong with it.',
  ],
  run(args, io) {
    const act = args.word(0, 'What to do (status, import, export, issue)')
    const perform = ACTS[act]
    if (!perform) throw new UsageError(`cert cannot "${act}".${suggestion(act, Object.keys(ACTS))}`)
    return perform(args, io)
  },
}

type Perform = (args: Arguments, io: VerbIo) => Promise<number>

const ACTS: Readonly<Record<string, Perform>> = { status, import: importFile, export: exportFile, issue }
const POLL_MS = 1000

async function status(args: Arguments, io: VerbIo): Promise<number> {
  const answer = await adminClient(args, io).get<CertificateAnswer>('/api/certificate')
  const { certificate, issue: issued, nodes } = answer
  const astray = nodes.filter(({ tls, fingerprint }) => tls === true && fingerprint !== certificate?.fingerprint)
  const well = certificate !== undefined && certificate.faults.length === 0 && astray.length === 0
  if (args.flag('json')) {
    io.out(JSON.stringify(answer))
    return well ? EXIT.done : EXIT.failed
  }
  if (certificate) for (const line of described(certificate)) io.out(line)
  else io.out('There is no certificate. Import one, or have one issued.')
  if (issued) io.out(`Authority ${new URL(issued.directory).host}: ${issued.sentence}`)
  for (const { node, tls } of nodes) {
    if (tls === undefined) io.out(`${node} does not answer.`)
    if (tls === false) io.out(`${node} speaks plain HTTP.`)
  }
  for (const { node } of astray) io.out(`${node} shows another certificate.`)
  return well ? EXIT.done : EXIT.failed
}

async function importFile(args: Arguments, io: VerbIo): Promise<number> {
  const file = args.word(1, 'The file')
  const bytes = read(file)
  const keyFile = args.text('key')
  const passphrase = passphraseOf(args, io)
  const isPem = bytes.includes('-----BEGIN ')
  if (!isPem && keyFile !== undefined)
    throw new UsageError(`${file} is no PEM, so it must hold the private key itself.`)
  const answer = await adminClient(args, io).post<CertificateImportAnswer>('/api/certificate/import', {
    ...(isPem ? { pem: bytes.toString() } : { pfx: bytes.toString('base64') }),
    ...(keyFile !== undefined && { key: read(keyFile).toString() }),
    ...(passphrase !== undefined && { passphrase }),
    dryRun: args.flag('dry-run'),
  })
  if (args.flag('json')) io.out(JSON.stringify(answer))
  else {
    for (const line of [...answer.notes, ...described(answer.certificate)]) io.out(line)
    io.out(answer.stored ? 'All nodes show it within two seconds.' : 'It could be taken; nothing was stored.')
  }
  return EXIT.done
}

async function exportFile(args: Arguments, io: VerbIo): Promise<number> {
  const file = args.word(1, 'The file')
  const format = args.choice('format', ['pem', 'pfx'])
  const privateKey = args.flag('private-key')
  const passphrase = privateKey ? passphraseOf(args, io) : undefined
  if (privateKey && passphrase === undefined)
    throw new UsageError('The private key leaves under a passphrase only: HOLDFAST_PASSPHRASE or --passphrase-file.')
  const answer = await adminClient(args, io).post<CertificateExportAnswer>('/api/certificate/export', {
    format,
    privateKey,
    ...(passphrase !== undefined && { passphrase }),
  })
  const content = answer.format === 'pfx' ? Buffer.from(answer.content, 'base64') : answer.content
  writeFileSync(file, content, { mode: privateKey ? 0o600 : 0o644 })
  io.out(args.flag('json') ? JSON.stringify({ file, format, privateKey }) : `Written to ${file}.`)
  return EXIT.done
}

async function issue(args: Arguments, io: VerbIo): Promise<number> {
  if (!args.flag('agree-terms'))
    throw new UsageError('--agree-terms is missing: an authority issues only to who agrees to its terms.')
  const waitMs = args.durationMs('wait')
  const client = adminClient(args, io)
  const [names, email, directory] = [args.text('names'), args.text('email'), args.text('directory')]
  const { sentence } = await client.post<CertificateIssueAnswer>('/api/certificate/issue', {
    agreeTerms: true,
    ...(names !== undefined && { names: listed(names) }),
    ...(email !== undefined && { email }),
    ...(directory !== undefined && { directory }),
  })
  io.err(sentence)
  return outcome(client, io.clock.monotonicMs() + waitMs, args, io)
}

/** Follows the wish until it is fulfilled or has failed. */
async function outcome(client: AdminClient, untilMs: number, args: Arguments, io: VerbIo): Promise<number> {
  for (;;) {
    const answer = await client.get<CertificateAnswer>('/api/certificate')
    const { issue: issued, certificate } = answer
    const over = issued?.state === 'issued' || issued?.state === 'failed'
    if (over || io.clock.monotonicMs() >= untilMs || io.interrupted.aborted) {
      const lines = issued?.state === 'issued' && certificate ? described(certificate) : [issued?.sentence ?? '']
      for (const line of args.flag('json') ? [JSON.stringify(answer)] : lines) io.out(line)
      if (!over) io.err('It goes on without us; `holdfast cert status` tells how.')
      return issued?.state === 'issued' ? EXIT.done : EXIT.failed
    }
    await pause(io.clock, POLL_MS)
  }
}

function described(row: CertificateRow): readonly string[] {
  const ends = `until ${timeText(row.endsAt)}, ${row.daysLeft} days`
  return [
    `${row.names.join(', ')}: ${row.source} by ${row.by} at ${timeText(row.at)}, good ${ends}.`,
    `Issued by ${row.issuer}. SHA-256 ${row.fingerprint}`,
    ...row.faults,
  ]
}

function passphraseOf(args: Arguments, io: VerbIo): string | undefined {
  const file = args.text('passphrase-file')
  if (file !== undefined) return read(file).toString().split(/\r?\n/)[0] ?? ''
  return io.env.HOLDFAST_PASSPHRASE
}

function listed(names: string): readonly string[] {
  return names
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)
}

function read(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch {
    throw new UsageError(`The file ${file} cannot be read.`)
  }
}
