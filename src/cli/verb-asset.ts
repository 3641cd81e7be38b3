import { readdirSync, statSync } from 'node:fs'
import { basename, join, sep } from 'node:path'
import type { AssetsGoneAnswer } from '../protocol/asset-answers.ts'
import { type AdminClient, adminClient, CLUSTER_OPTIONS } from './admin-client-node.ts'
import { addAsset, allAssets } from './config-assets-node.ts'
import { textTable } from './text-table.ts'
import { type Arguments, EXIT, JSON_OPTION, suggestion, UsageError, type Verb, type VerbIo } from './verb.ts'

export const verb: Verb = {
  name: 'asset',
  summary: 'Images and files that all nodes serve: lists them, takes some in, removes them.',
  usage: ['asset list', 'asset add <path> [--name <name>]', 'asset remove <name>', 'asset gc'],
  examples: [
    { command: 'holdfast asset add logo.png', does: 'Takes an image in and prints its address for documents.' },
    {
      command: 'holdfast asset add images',
      does: 'Takes in all files below a directory; images/queues/sales.png is called queues/sales.png.',
    },
    { command: 'holdfast asset remove logo.png', does: 'Removes it, unless a document speaks of it.' },
  ],
  options: {
    name: { type: 'string', placeholder: 'name', help: 'With add: what a file is called; absent: as it is here.' },
    ...CLUSTER_OPTIONS,
    json: JSON_OPTION,
  },
  notes: [
    'Documents say the address, /assets/<hash>.png; /Chime/Content/images/<name> stands for the file that had the name given last. Images are encoded anew, without metadata; SVG is not taken.',
    'gc removes what no document of the present or of the history speaks of and nobody gave for a day; every node does so by itself every hour.',
  ],
  run(args, io) {
    const act = args.word(0, `What to do (${Object.keys(ACTS).join(', ')})`)
    const perform = ACTS[act]
    if (!perform) throw new UsageError(`asset cannot "${act}".${suggestion(act, Object.keys(ACTS))}`)
    return perform(adminClient(args, io), args, io)
  },
}

type Perform = (client: AdminClient, args: Arguments, io: VerbIo) => Promise<number>

const ACTS: Readonly<Record<string, Perform>> = { list, add, remove, gc }

async function list(client: AdminClient, args: Arguments, io: VerbIo): Promise<number> {
  const assets = await allAssets(client)
  if (args.flag('json')) io.out(JSON.stringify({ assets }))
  else if (assets.length === 0) io.out('There is no asset yet.')
  else {
    const rows = assets.map(({ names, bytes, usedBy, address }) => [
      names.join(', ') || '-',
      bytes,
      usedBy.join(', ') || '-',
      address,
    ])
    for (const line of textTable(['name', 'bytes', 'used by', 'address'], rows)) io.out(line)
  }
  return EXIT.done
}

async function add(client: AdminClient, args: Arguments, io: VerbIo): Promise<number> {
  const path = args.word(1, 'The file or directory')
  const files = filesAt(path)
  const named = args.text('name')
  if (named !== undefined && files.some(({ below }) => below)) throw new UsageError('--name is for one file.')
  const added = []
  for (const { file, name } of files) {
    const { asset, known } = await addAsset(client, file, named ?? name)
    added.push(asset)
    if (!args.flag('json')) io.out(`${named ?? name} is ${asset.address}${known ? ', as before' : ''}.`)
  }
  if (args.flag('json')) io.out(JSON.stringify({ assets: added }))
  else if (files.length === 0) io.out(`There is no file below ${path}.`)
  return EXIT.done
}

/** A file, or all below a directory, what is hidden left alone. */
function filesAt(path: string): readonly { readonly file: string; readonly name: string; readonly below: boolean }[] {
  if (!statSync(path).isDirectory()) return [{ file: path, name: basename(path), below: false }]
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ file, name: file.slice(join(path, sep).length).split(sep).join('/'), below: true }))
    .filter(({ name }) => !name.split('/').some((part) => part.startsWith('.')))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
}

async function remove(client: AdminClient, args: Arguments, io: VerbIo): Promise<number> {
  const said = args.word(1, 'The name or the address')
  const word = said.replace(/^\/assets\//, '')
  const asset = (await allAssets(client)).find(({ file, names }) => file === word || names.includes(word))
  if (!asset) throw new Error(`There is no asset ${said}; \`asset list\` shows what there is.`)
  const answer = await client.post<AssetsGoneAnswer>(`/api/assets/${asset.file}/remove`)
  io.out(args.flag('json') ? JSON.stringify(answer) : `${said} is gone, from other nodes’ disks within the hour.`)
  return EXIT.done
}

async function gc(client: AdminClient, args: Arguments, io: VerbIo): Promise<number> {
  const answer = await client.post<AssetsGoneAnswer>('/api/assets/collect')
  if (args.flag('json')) io.out(JSON.stringify(answer))
  else if (answer.gone.length === 0) io.out('Nothing to remove: documents speak of all that is older than a day.')
  else for (const file of answer.gone) io.out(`${file} is gone.`)
  return EXIT.done
}
