import { readFileSync, writeFileSync } from 'node:fs'
import { type ChainVerdict, endChain, followChain, NO_RECORDS } from '../ops/audit-chain-decision.ts'
import type { AuditEntry } from '../ops/audit-entry.ts'
import type { AuditAnswer, AuditRecordRow } from '../protocol/audit-answers.ts'
import type { AuditHead } from '../store/audit-store.ts'
import { sha256 } from '../store/sha256-node.ts'
import { type AdminClient, adminClient, CLUSTER_OPTIONS } from './admin-client-node.ts'
import { textTable } from './text-table.ts'
import { timeText } from './time-text-node.ts'
import { type Arguments, EXIT, JSON_OPTION, suggestion, UsageError, type Verb, type VerbIo } from './verb.ts'

export const verb: Verb = {
  name: 'audit',
  summary: 'Shows, exports and verifies the record of everything that administrators did.',
  usage: ['audit list [--limit 20]', 'audit export [--out <file>]', 'audit verify [--against <file>] [--file <file>]'],
  examples: [
    { command: 'holdfast audit list', does: 'Who did what, from where, when; the newest last.' },
    { command: 'holdfast audit export --out audit.jsonl', does: 'All records, one JSON object per line.' },
    {
      command: 'holdfast audit verify --against audit.jsonl',
      does: 'Every record is as it was written, and those that were exported before are still there.',
    },
  ],
  options: {
    limit: { type: 'string', default: '20', placeholder: 'number', help: 'With list: how many of the newest.' },
    out: { type: 'string', placeholder: 'file', help: 'With export: where to. Default: standard output.' },
    against: { type: 'string', placeholder: 'file', help: 'With verify: an earlier export that must be part of it.' },
    file: { type: 'string', placeholder: 'file', help: 'With verify: an export instead of a cluster.' },
    ...CLUSTER_OPTIONS,
    json: JSON_OPTION,
  },
  notes: [
    'Each record holds the hash of itself and of the one before it. verify reads them all and makes the hashes anew on this machine; it ends with 1 where a record was changed, left out or cut off, and names the first one.',
    'Who can write to the database can make the whole chain anew. Keep exports where he cannot write, and verify against them.',
  ],
  run(args, io) {
    const act = args.word(0, 'What to do (list, export, verify)')
    const perform = ACTS[act]
    if (!perform) throw new UsageError(`audit cannot "${act}".${suggestion(act, Object.keys(ACTS))}`)
    return perform(args, io)
  },
}

type Perform = (args: Arguments, io: VerbIo) => Promise<number>

const ACTS: Readonly<Record<string, Perform>> = { list, export: exportAll, verify }
const PAGE = 1000

async function list(args: Arguments, io: VerbIo): Promise<number> {
  const limit = args.number('limit', { min: 1, max: PAGE })
  const { records, head } = await adminClient(args, io).get<AuditAnswer>(`/api/audit?limit=${limit}`)
  if (args.flag('json')) {
    io.out(JSON.stringify({ records: records.map(({ body, ...row }) => ({ ...row, ...entryIn(body) })), head }))
    return EXIT.done
  }
  const rows = records.map(({ n, at, body }) => {
    const { who, act, on, happened, reason = '' } = entryIn(body)
    return [n, timeText(at), `${who.name} (${who.subject})`, who.from, act, on, happened, reason]
  })
  if (rows.length === 0) io.out('Nothing was done yet.')
  else for (const line of textTable(['n', 'when', 'who', 'from', 'act', 'on', 'happened', 'reason'], rows)) io.out(line)
  return EXIT.done
}

async function exportAll(args: Arguments, io: VerbIo): Promise<number> {
  const lines: string[] = []
  for await (const { records } of pagesOf(adminClient(args, io)))
    for (const record of records) lines.push(JSON.stringify(record))
  const file = args.text('out')
  if (file === undefined) for (const line of lines) io.out(line)
  else {
    writeFileSync(file, lines.map((line) => `${line}\n`).join(''))
    io.err(`${lines.length} records are in ${file}.`)
  }
  return EXIT.done
}

async function verify(args: Arguments, io: VerbIo): Promise<number> {
  const [file, against] = [args.text('file'), args.text('against')]
  if (file !== undefined && against !== undefined) throw new UsageError('Give --file or --against, not both.')
  const verdict =
    file === undefined
      ? await verifyTrail(adminClient(args, io), against === undefined ? [] : recordsIn(against))
      : followChain(NO_RECORDS, recordsIn(file), sha256)
  const sound = verdict.kind === 'sound'
  if (args.flag('json'))
    io.out(
      JSON.stringify(sound ? { ok: true, ...verdict.head } : { ok: false, n: verdict.n, sentence: verdict.sentence }),
    )
  else if (sound)
    io.out(`All ${verdict.head.n} records are as they were written. The last hash is ${verdict.head.hash}.`)
  else io.out(verdict.sentence)
  return sound ? EXIT.done : EXIT.failed
}

/** Follows the whole trail of a cluster, in which the records of an earlier export must stand unchanged. */
async function verifyTrail(client: AdminClient, exported: readonly AuditRecordRow[]): Promise<ChainVerdict> {
  let followed: AuditHead = NO_RECORDS
  const expected = new Map(exported.map((record) => [record.n, record.hash]))
  let told = followed
  for await (const { records, head } of pagesOf(client)) {
    const verdict = followChain(followed, records, sha256)
    if (verdict.kind === 'broken') return verdict
    for (const { n, hash } of records) {
      if ((expected.get(n) ?? hash) !== hash)
        return {
          kind: 'broken',
          n,
          sentence: `Record ${n} is another one than in the export: the trail was made anew.`,
        }
      expected.delete(n)
    }
    followed = verdict.head
    told = head
  }
  const [lost] = [...expected.keys()].sort((one, other) => one - other)
  if (lost !== undefined)
    return { kind: 'broken', n: lost, sentence: `Record ${lost} is in the export and no longer in the trail.` }
  return endChain(followed, told)
}

/** All of it in pages, each with the end of the trail as it was then. */
async function* pagesOf(client: AdminClient): AsyncGenerator<AuditAnswer> {
  for (let after = 0; ; ) {
    const page = await client.get<AuditAnswer>(`/api/audit?after=${after}&limit=${PAGE}`)
    yield page
    const last = page.records.at(-1)?.n
    if (last === undefined || last >= page.head.n) return
    after = last
  }
}

function recordsIn(file: string): readonly AuditRecordRow[] {
  try {
    const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean)
    return lines.map((line) => JSON.parse(line) as AuditRecordRow)
  } catch (error) {
    throw new UsageError(`${file} is no export of the audit trail: ${error instanceof Error ? error.message : error}.`)
  }
}

function entryIn(body: string): AuditEntry {
  return JSON.parse(body) as AuditEntry
}
