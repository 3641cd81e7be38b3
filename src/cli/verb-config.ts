import { readFileSync } from 'node:fs'
import { diffLines } from '../config/config-diff.ts'
import type {
  ConfigAnswer,
  ConfigChangeAnswer,
  ConfigConflictAnswer,
  ConfigDocumentRow,
  ConfigFaultRow,
  ConfigHistoryAnswer,
  ConfigInvalidAnswer,
} from '../protocol/config-answers.ts'
import { type AdminClient, adminClient, CLUSTER_OPTIONS, RefusedByCluster } from './admin-client-node.ts'
import { takeAssetsIn, writeAssets } from './config-assets-node.ts'
import { readConfigDirectory, writeConfigDirectory } from './config-directory-node.ts'
import { standardInput } from './standard-input.ts'
import { textTable } from './text-table.ts'
import { timeText } from './time-text-node.ts'
import { type Arguments, EXIT, JSON_OPTION, suggestion, UsageError, type Verb, type VerbIo } from './verb.ts'

export const verb: Verb = {
  name: 'config',
  summary: 'Shows and changes the configuration that all nodes share; a directory in git is its source, if you like.',
  usage: [
    'config list',
    'config kinds',
    'config get <document>',
    'config set <document> [--file <path>] [--expect <revision>]',
    'config remove <document>',
    'config apply <directory> [--prune] [--dry-run]',
    'config diff <directory> [--prune]',
    'config export <directory>',
    'config history [--limit 20]',
    'config history <document>',
    'config rollback <revision> [--dry-run]',
  ],
  examples: [
    { command: 'holdfast config get queue/sales', does: 'Prints a document as YAML.' },
    {
      command: 'holdfast config apply config --dry-run',
      does: 'Says what the files below `config` would change, and changes nothing.',
    },
    {
      command: 'holdfast config apply config --prune --reason "release 12"',
      does: 'Makes the cluster what the files say; documents without a file go. Again it changes nothing.',
    },
    { command: 'holdfast config rollback 41', does: 'Makes all documents what they were at revision 41.' },
  ],
  options: {
    file: { type: 'string', placeholder: 'path', help: 'With set: the document. Default: standard input.' },
    expect: {
      type: 'string',
      placeholder: 'revision',
      help: 'With set: refuse if somebody changed it since this revision.',
    },
    prune: { type: 'boolean', default: false, help: 'With apply, diff: documents without a file go.' },
    'dry-run': { type: 'boolean', default: false, help: 'Say what would change, and change nothing.' },
    reason: { type: 'string', placeholder: 'text', help: 'Why; it stands in the history.' },
    limit: { type: 'string', default: '20', placeholder: 'number', help: 'With history: how many changes.' },
    ...CLUSTER_OPTIONS,
    json: JSON_OPTION,
  },
  notes: [
    'A change takes place as a whole or not at all, and every node runs it within two seconds; `config list` shows who does not. Files may be YAML or JSON: queue/sales.yaml is the document queue/sales.',
    'Images and files that documents speak of lie beside them: `logo: assets/logo.png` in branding.yaml means assets/logo.png of the directory. apply and diff take in what the cluster does not have, with --dry-run as well, because only then it can judge the documents; what no document speaks of goes after a day.',
    'diff ends with 0 when there is nothing to change, else with 1.',
  ],
  async run(args, io) {
    const act = args.word(0, 'What to do (list, kinds, get, set, remove, apply, diff, export, history, rollback)')
    const perform = ACTS[act]
    if (!perform) throw new UsageError(`config cannot "${act}".${suggestion(act, Object.keys(ACTS))}`)
    try {
      return await perform(adminClient(args, io), args, io)
    } catch (error) {
      if (!(error instanceof RefusedByCluster)) throw error
      return tellRefusal(error, args, io)
    }
  },
}

type Perform = (client: AdminClient, args: Arguments, io: VerbIo) => Promise<number>

const ACTS: Readonly<Record<string, Perform>> = {
  list,
  kinds,
  get,
  set,
  remove,
  apply,
  diff: (client, args, io) => compare(client, args, io),
  export: exportAll,
  history,
  rollback,
}

async function list(client: AdminClient, args: Arguments, io: VerbIo): Promise<number> {
  const answer = await client.get<ConfigAnswer>('/api/config')
  const { revision, digest, documents, nodes, kinds } = answer
  if (args.flag('json')) {
    io.out(JSON.stringify({ revision, digest, documents, nodes }))
    return EXIT.done
  }
  const titles = new Map(kinds.map(({ kind, title }) => [kind, title]))
  io.out(`Revision ${revision}, digest ${digest}, ${documents.length} documents.`)
  const rows = documents.map(({ name, revision: since }) => [name, titles.get(name.split('/')[0] ?? '') ?? '', since])
  if (rows.length > 0) for (const line of textTable(['document', 'kind', 'revision'], rows)) io.out(line)
  else io.out('Nothing is written yet: everything has its default. Begin by `config set`.')
  for (const { node, answers, drift, revision: at } of nodes)
    if (!answers) io.out(`${node} does not answer.`)
    else if (drift) io.out(`${node} runs another configuration (revision ${at}).`)
  return EXIT.done
}

/** What documents there may be, and what each field is for. */
async function kinds(client: AdminClient, args: Arguments, io: VerbIo): Promise<number> {
  const answer = await client.get<ConfigAnswer>('/api/config')
  const wanted = args.words[1]
  const found = answer.kinds.filter(({ kind }) => wanted === undefined || kind === wanted)
  if (found.length === 0) {
    const names = answer.kinds.map(({ kind }) => kind)
    throw new UsageError(`There is no kind of document called ${wanted}.${suggestion(wanted ?? '', names)}`)
  }
  if (args.flag('json')) io.out(JSON.stringify(found))
  else
    for (const { kind, many, about, schema } of found) {
      io.out(`${many ? `${kind}/<name>` : kind}: ${about}`)
      for (const line of fieldLines(schema)) io.out(`    ${line}`)
    }
  return EXIT.done
}

function fieldLines(schema: unknown): readonly string[] {
  const { properties = {}, required = [] } = schema as {
    properties?: Readonly<Record<string, { description?: string; default?: unknown }>>
    required?: readonly string[]
  }
  return Object.entries(properties).map(([field, { description = '', default: fallback }]) => {
    const absent = required.includes(field) ? 'must be given' : `default ${JSON.stringify(fallback)}`
    return `${field}: ${description} (${absent})`
  })
}

async function get(client: AdminClient, args: Arguments, io: VerbIo): Promise<number> {
  const name = args.word(1, 'The document')
  const document = await client.get<ConfigDocumentRow>(`/api/config/document?name=${encodeURIComponent(name)}`)
  io.out(args.flag('json') ? JSON.stringify(document) : document.text.trimEnd())
  return EXIT.done
}

async function set(client: AdminClient, args: Arguments, io: VerbIo): Promise<number> {
  const name = args.word(1, 'The document')
  const file = args.text('file')
  const text = file === undefined ? await standardInput(io) : readFileSync(file, 'utf8')
  const expect = args.text('expect') === undefined ? {} : { expect: args.number('expect') }
  return change(client, args, io, [{ name, text, ...expect }])
}

async function remove(client: AdminClient, args: Arguments, io: VerbIo): Promise<number> {
  return change(client, args, io, [{ name: args.word(1, 'The document'), text: null }])
}

async function apply(client: AdminClient, args: Arguments, io: VerbIo): Promise<number> {
  const documents = await wantedIn(client, args, io)
  return change(client, args, io, documents)
}

/** What the files would change; as `diff` does it ends with 1 when they differ. */
async function compare(client: AdminClient, args: Arguments, io: VerbIo): Promise<number> {
  const documents = await wantedIn(client, args, io)
  const answer = await post(client, args, io, '/api/config/changes', { documents, dryRun: true })
  tellChange(answer, args, io)
  return answer.diffs.length === 0 ? EXIT.done : EXIT.failed
}

async function wantedIn(client: AdminClient, args: Arguments, io: VerbIo) {
  const directory = args.word(1, 'The directory')
  const files = readConfigDirectory(directory)
  if (files.length === 0)
    throw new Error(`There is no document below ${directory}: queue/sales.yaml would be the document queue/sales.`)
  const { documents: addressed, taken } = await takeAssetsIn(client, directory, files)
  for (const name of taken) io.err(`assets/${name} is taken in.`)
  const wanted: { name: string; text: string | null }[] = addressed.map(({ name, text }) => ({ name, text }))
  if (!args.flag('prune')) return wanted
  const { documents } = await client.get<ConfigAnswer>('/api/config')
  const gone = documents.filter(({ name }) => !files.some((file) => file.name === name))
  return [...wanted, ...gone.map(({ name }) => ({ name, text: null }))]
}

async function exportAll(client: AdminClient, args: Arguments, io: VerbIo): Promise<number> {
  const directory = args.word(1, 'The directory')
  const { documents, revision } = await client.get<ConfigAnswer>('/api/config')
  writeConfigDirectory(directory, await writeAssets(client, directory, documents))
  const answer = { directory, revision, documents: documents.map(({ name }) => name) }
  const sentence = `${documents.length} documents of revision ${revision} are below ${directory} now.`
  io.out(args.flag('json') ? JSON.stringify(answer) : sentence)
  return EXIT.done
}

async function history(client: AdminClient, args: Arguments, io: VerbIo): Promise<number> {
  const name = args.words[1]
  const query = new URLSearchParams({
    limit: String(args.number('limit', { min: 1, max: 200 })),
    ...(name && { name }),
  })
  const answer = await client.get<ConfigHistoryAnswer>(`/api/config/history?${query}`)
  if (args.flag('json')) io.out(JSON.stringify(answer))
  else if (answer.changes.length === 0) io.out('Nothing was changed yet.')
  else
    for (const { revision, at, author, reason, diffs } of answer.changes) {
      io.out(`${revision}  ${timeText(at)}  ${author}: ${reason}`)
      for (const line of diffs.flatMap(diffLines)) io.out(`    ${line}`)
    }
  return EXIT.done
}

async function rollback(client: AdminClient, args: Arguments, io: VerbIo): Promise<number> {
  const to = Number(args.word(1, 'The revision'))
  if (!Number.isInteger(to) || to < 0)
    throw new UsageError('The revision is a whole number; `config history` lists them.')
  const body = { to, dryRun: args.flag('dry-run') }
  tellChange(await post(client, args, io, '/api/config/rollback', body, `back to revision ${to}`), args, io)
  return EXIT.done
}

async function change(
  client: AdminClient,
  args: Arguments,
  io: VerbIo,
  documents: readonly { name: string; text: string | null; expect?: number }[],
): Promise<number> {
  const body = { documents, dryRun: args.flag('dry-run') }
  tellChange(await post(client, args, io, '/api/config/changes', body), args, io)
  return EXIT.done
}

function post(client: AdminClient, args: Arguments, io: VerbIo, path: string, body: object, why = 'by command line') {
  const reason = args.text('reason') ?? why
  return client.post<ConfigChangeAnswer>(path, { key: io.random.id(), reason, ...body })
}

function tellChange(answer: ConfigChangeAnswer, args: Arguments, io: VerbIo): void {
  if (args.flag('json')) return io.out(JSON.stringify(answer))
  const { diffs, notes = [], dryRun, revision } = answer
  for (const note of notes) io.out(`  ${placeText(note)}`)
  for (const line of diffs.flatMap(diffLines)) io.out(line)
  if (diffs.length === 0) io.out(`Nothing to change: revision ${revision} is what is wanted.`)
  else io.out(dryRun ? `Nothing was changed; revision ${revision} holds.` : `This is revision ${revision} now.`)
}

function placeText({ document, line, column, field, sentence }: ConfigFaultRow): string {
  return `${document}${line === undefined ? '' : `:${line}:${column}`}: ${field && `${field}: `}${sentence}`
}

function tellRefusal({ answer }: RefusedByCluster, args: Arguments, io: VerbIo): number {
  if (args.flag('json')) io.out(JSON.stringify(answer))
  io.err(answer.message)
  for (const fault of (answer as Partial<ConfigInvalidAnswer>).faults ?? []) io.err(`  ${placeText(fault)}`)
  for (const { name, there } of (answer as Partial<ConfigConflictAnswer>).conflicts ?? []) {
    io.err(there ? `  ${name} is now (revision ${there.revision}):` : `  ${name} is gone now.`)
    for (const line of there?.text.trimEnd().split('\n') ?? []) io.err(`    ${line}`)
  }
  return EXIT.failed
}
