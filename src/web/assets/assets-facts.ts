import type { AssetRow, TakenFiles } from '../../protocol/asset-answers.ts'
import { agoText } from '../console/console-text.ts'

/** `812 B`, `12 KiB`, `3.4 MiB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  const [kibibytes, mebibytes] = [bytes / 1024, bytes / 1024 ** 2]
  return mebibytes >= 1 ? `${rounded(mebibytes)} MiB` : `${rounded(kibibytes)} KiB`
}

function rounded(count: number): string {
  return count < 10 ? String(Math.round(count * 10) / 10) : String(Math.round(count))
}

/** `PNG`, `JSON`: what people call the kind of a file. */
export function kindText({ file }: Pick<AssetRow, 'file'>): string {
  return endingOf(file).toUpperCase()
}

/** What stands for a file: what it is called, else how its digest begins. */
export function titleOf({ names, file }: Pick<AssetRow, 'names' | 'file'>): string {
  return names[0] ?? `${file.slice(0, 12)}….${endingOf(file)}`
}

export function digestOf({ file }: Pick<AssetRow, 'file'>): string {
  return file.slice(0, file.indexOf('.'))
}

export function isImage({ mediaType }: Pick<AssetRow, 'mediaType'>): boolean {
  return mediaType.startsWith('image/')
}

/** Whether a file is used, and when one goes that nothing speaks of. */
export type Fate =
  | { readonly kind: 'used'; readonly by: readonly string[] }
  /** Only what was once in force speaks of it: a roll-back would find it. */
  | { readonly kind: 'history' }
  | { readonly kind: 'going'; readonly text: string }

export function fateOf({ usedBy, goesAt }: Pick<AssetRow, 'usedBy' | 'goesAt'>, nowMs: number): Fate {
  if (usedBy.length > 0) return { kind: 'used', by: usedBy }
  if (goesAt === undefined) return { kind: 'history' }
  // Nodes look every hour or so: it goes then.
  return { kind: 'going', text: goesAt <= nowMs ? 'goes within the hour' : `goes ${agoText(goesAt, nowMs)}` }
}

export const SHELVES = ['all', 'images', 'files', 'unused'] as const
/** Which files are shown. */
export type Shelf = (typeof SHELVES)[number]

const ON_SHELF: Readonly<Record<Shelf, (row: AssetRow) => boolean>> = {
  all: () => true,
  images: isImage,
  files: (row) => !isImage(row),
  unused: ({ usedBy }) => usedBy.length === 0,
}

/** What is on a shelf and has these words in its names, its digest or the documents that speak of it; the newest first. */
export function shown(rows: readonly AssetRow[], shelf: Shelf, words: string): readonly AssetRow[] {
  const wanted = words.trim().toLowerCase()
  const texts = ({ names, file, usedBy }: AssetRow) => [...names, file, ...usedBy]
  return rows
    .filter((row) => ON_SHELF[shelf](row) && texts(row).some((text) => text.toLowerCase().includes(wanted)))
    .sort((one, other) => other.at - one.at || (one.file < other.file ? -1 : 1))
}

/** How many there are on each shelf. */
export function counts(rows: readonly AssetRow[]): Readonly<Record<Shelf, number>> {
  const count = (shelf: Shelf) => rows.filter(ON_SHELF[shelf]).length
  return { all: count('all'), images: count('images'), files: count('files'), unused: count('unused') }
}

/**
 * What a file is to be called: letters, digits, points and hyphens, as names are in addresses, below a folder if there
 * is one. `My Logo (1).PNG` becomes `My-Logo-1.png`.
 */
export function assetNameOf(fileName: string, folder: string): string {
  const at = fileName.lastIndexOf('.')
  const [stem, ending] = at > 0 ? [fileName.slice(0, at), fileName.slice(at + 1)] : [fileName, '']
  const parts = [...folder.split('/'), stem].map(plainPart).filter((part) => part !== '')
  const named = plainPart(stem) === '' ? [...parts, 'file'] : parts
  return named.join('/') + (ending === '' ? '' : `.${ending.toLowerCase()}`)
}

function plainPart(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[._-]+|[._-]+$/g, '')
}

/** Why a file would be refused, before it is sent. The node judges again, by the bytes. */
export function faultBefore(
  file: { name: string; size: number },
  { bytesMax, endings }: TakenFiles,
): string | undefined {
  const ending = endingOf(file.name).toLowerCase()
  if (ending === 'svg') return 'SVG is a program as much as an image. Give a PNG or WebP of twice the size instead.'
  if (!endings.includes(ending))
    return `${ending === '' ? 'Files without an ending' : `Files that end in .${ending}`} are not taken; ${kindsText(endings)} are.`
  if (file.size > bytesMax) return `It has ${bytesText(file.size)}; ${bytesText(bytesMax)} is the most that is taken.`
  return file.size === 0 ? 'It is empty, or a folder.' : undefined
}

/** `PNG, JPG, GIF and PDF` */
export function kindsText(endings: readonly string[]): string {
  // The same kind under another name is not another kind.
  const kinds = endings.filter((ending) => ending !== 'jpeg' && ending !== 'yml').map((ending) => ending.toUpperCase())
  return kinds.length < 2 ? kinds.join('') : `${kinds.slice(0, -1).join(', ')} and ${kinds.at(-1)}`
}

/** What a field for files offers. */
export function acceptOf(endings: readonly string[]): string {
  return endings.map((ending) => `.${ending}`).join(',')
}

function endingOf(name: string): string {
  return name.includes('.') ? name.slice(name.lastIndexOf('.') + 1) : ''
}
