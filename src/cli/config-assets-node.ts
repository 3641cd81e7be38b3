import { createHash } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { AssetAddedAnswer, AssetRow, AssetsAnswer } from '../protocol/asset-answers.ts'
import type { AdminClient } from './admin-client-node.ts'
import { ASSETS_FOLDER } from './config-directory-node.ts'

// Beside its documents a directory has the files that they speak of: `logo: assets/logo.png` means the file
// `assets/logo.png` there, and `/Chime/Content/images/logo.png` means it, too.
const BESIDE = /(?<![\w/.-])assets\/([A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?)/g
const BY_NAME = /\/Chime\/Content\/images\/([A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?)/g
const BY_FILE = /(?<![\w.:-])\/assets\/([0-9a-f]{64}\.[a-z]{2,6})/g

/**
 * Takes in the files below `assets` of which documents speak, those that the cluster does not have, and puts their
 * addresses in the place of what the documents say. Lines stay lines: faults are told with the right ones.
 */
export async function takeAssetsIn<Document extends { readonly text: string }>(
  client: AdminClient,
  directory: string,
  documents: readonly Document[],
): Promise<{ readonly documents: readonly Document[]; readonly taken: readonly string[] }> {
  const said = documents.flatMap(({ text }) => [...wordsIn(text, BESIDE), ...wordsIn(text, BY_NAME)])
  const names = [...new Set(said)].filter((name) => isFile(join(directory, ASSETS_FOLDER, name)))
  if (names.length === 0) return { documents, taken: [] }
  const present = await allAssets(client)
  const addresses = new Map<string, string>()
  const taken: string[] = []
  for (const name of names) {
    const path = join(directory, ASSETS_FOLDER, name)
    const hash = await sha256Of(path)
    const same = (asset: AssetRow) => asset.source === hash || asset.file.startsWith(hash)
    const known = present.find((asset) => asset.names.includes(name) && same(asset))
    if (!known) taken.push(name)
    addresses.set(name, known ? known.address : (await addAsset(client, path, name)).asset.address)
  }
  const addressed = documents.map((document) => ({
    ...document,
    text: document.text.replace(BESIDE, (word, name) => addresses.get(name) ?? word),
  }))
  return { documents: addressed, taken }
}

/** Writes the files of which documents speak below `assets`, and says so in the documents. */
export async function writeAssets<Document extends { readonly text: string }>(
  client: AdminClient,
  directory: string,
  documents: readonly Document[],
): Promise<readonly Document[]> {
  const said = new Set(documents.flatMap(({ text }) => [...wordsIn(text, BY_FILE), ...wordsIn(text, BY_NAME)]))
  if (said.size === 0) return documents
  const assets = await allAssets(client)
  const names = new Map(assets.map(({ file, names: [name] }) => [file, name ?? withoutName(file)]))
  for (const { file, names: own, address } of assets)
    for (const name of [
      ...own.filter((each) => said.has(each)),
      ...(said.has(file) ? [names.get(file) ?? file] : []),
    ]) {
      const path = join(directory, ASSETS_FOLDER, name)
      mkdirSync(dirname(path), { recursive: true })
      await client.saveFile(address, path)
    }
  return documents.map((document) => ({
    ...document,
    text: document.text.replace(BY_FILE, (word, file) => {
      const name = names.get(file)
      return name === undefined ? word : `${ASSETS_FOLDER}/${name}`
    }),
  }))
}

/** Gives a file to the cluster under a name. */
export function addAsset(client: AdminClient, path: string, name: string): Promise<AssetAddedAnswer> {
  return client.postFile<AssetAddedAnswer>(`/api/assets?name=${encodeURIComponent(name)}`, path)
}

export async function allAssets(client: AdminClient): Promise<readonly AssetRow[]> {
  const all: AssetRow[] = []
  for (let after: string | undefined; ; ) {
    const { assets, next } = await client.get<AssetsAnswer>(
      `/api/assets${after === undefined ? '' : `?after=${after}`}`,
    )
    all.push(...assets)
    if (next === undefined) return all
    after = next
  }
}

function wordsIn(text: string, pattern: RegExp): string[] {
  return Array.from(text.matchAll(pattern), ([, word = '']) => word)
}

/** Its name was given to another file. */
function withoutName(file: string): string {
  const [hash = '', ending] = file.split('.')
  return `${hash.slice(0, 12)}.${ending}`
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile()
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}
