import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'

/** A configuration document in a directory: `queue/sales.yaml` is `queue/sales`. */
export interface DocumentFile {
  readonly name: string
  readonly path: string
  readonly text: string
}

const ENDINGS = /\.(ya?ml|json)$/
/** Below it are images and files that documents speak of, not documents. */
export const ASSETS_FOLDER = 'assets'

/** Every document below a directory, by name; what is hidden (`.git`) is left alone. Throws where it cannot be read. */
export function readConfigDirectory(directory: string): readonly DocumentFile[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ENDINGS.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, below: path.slice(join(directory, sep).length) }))
    .filter(({ below }) => !below.split(sep).some((part) => part.startsWith('.')))
    .filter(({ below }) => !below.startsWith(`${ASSETS_FOLDER}${sep}`))
    .map(({ path, below }) => ({
      name: below.replace(ENDINGS, '').split(sep).join('/'),
      path,
      text: readFileSync(path, 'utf8'),
    }))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
}

/** Writes documents as YAML; a file of a document that is not among them goes. Answers how many were written. */
export function writeConfigDirectory(
  directory: string,
  documents: readonly { readonly name: string; readonly text: string }[],
): void {
  mkdirSync(directory, { recursive: true })
  const names = new Set(documents.map(({ name }) => name))
  for (const { name, path } of readConfigDirectory(directory)) if (!names.has(name)) rmSync(path)
  for (const { name, text } of documents) {
    const path = join(directory, ...name.split('/')).concat('.yaml')
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
}
