/** What a file may be that is kept as an asset; `image`: it is encoded anew, and shown in pages. */
export interface AssetKind {
  readonly ending: string
  readonly mediaType: string
  /** `text`: UTF-8, which no sign at the beginning of the file betrays. */
  readonly content: 'image' | 'text' | 'binary'
}

const KINDS: readonly AssetKind[] = [
  { ending: 'png', mediaType: 'image/png', content: 'image' },
  { ending: 'jpg', mediaType: 'image/jpeg', content: 'image' },
  { ending: 'gif', mediaType: 'image/gif', content: 'image' },
  { ending: 'webp', mediaType: 'image/webp', content: 'image' },
  { ending: 'avif', mediaType: 'image/avif', content: 'image' },
  { ending: 'pdf', mediaType: 'application/pdf', content: 'binary' },
  { ending: 'zip', mediaType: 'application/zip', content: 'binary' },
  { ending: 'json', mediaType: 'application/json', content: 'text' },
  { ending: 'yaml', mediaType: 'application/yaml', content: 'text' },
  { ending: 'csv', mediaType: 'text/csv; charset=utf-8', content: 'text' },
  { ending: 'md', mediaType: 'text/markdown; charset=utf-8', content: 'text' },
  { ending: 'txt', mediaType: 'text/plain; charset=utf-8', content: 'text' },
  { ending: 'liquid', mediaType: 'text/plain; charset=utf-8', content: 'text' },
]

const SAME: Readonly<Record<string, string>> = { jpeg: 'jpg', yml: 'yaml' }
const FILE = /^([0-9a-f]{64})\.([a-z]{2,6})$/
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)*\.[A-Za-z0-9]+$/
const NAME_LENGTH_MAX = 200
// What names a host is that host's own business, unless the host is a variable that stands for ours: that of documents
// of Chime, which stand in older revisions, or the fact of ours that takes its place.
const MENTION =
  /(?:(?<![\w.:-])|https?:\/\/(?:@Model\.ServerFQDN|\{\{\s*server\s*\}\}))\/(assets|Chime\/Content\/images)\/([A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?)/g

/** The kinds of files whose documents may show them as images. */
export const IMAGE_ENDINGS = KINDS.filter(({ content }) => content === 'image').map(({ ending }) => ending)

/** How the names of files may end that are taken. */
export const TAKEN_ENDINGS = [...KINDS.map(({ ending }) => ending), ...Object.keys(SAME)]

/** `<hash>.<ending>` with an ending that we know. */
export function assetFileIn(text: string): { readonly hash: string; readonly kind: AssetKind } | undefined {
  const [, hash, ending] = FILE.exec(text) ?? []
  const kind = KINDS.find((each) => each.ending === ending)
  return hash !== undefined && kind ? { hash, kind } : undefined
}

/** What a file of this name must be, or why none may be called so. */
export function assetKindOf(name: string): AssetKind | { readonly fault: string } {
  const ending = name.slice(name.lastIndexOf('.') + 1).toLowerCase()
  if (ending === 'svg')
    return {
      fault: 'SVG is a program as much as an image and is not taken; PNG or WebP of twice the size looks the same.',
    }
  if (!NAME.test(name) || name.length > NAME_LENGTH_MAX || FILE.test(name))
    return { fault: 'A file is called like `logo.png` or `queues/sales.png`: letters, digits, points and hyphens.' }
  const kind = KINDS.find((each) => each.ending === (SAME[ending] ?? ending))
  return (
    kind ?? { fault: `Files that end in .${ending} are not taken; ${KINDS.map((each) => each.ending).join(', ')} are.` }
  )
}

/** The words (see `AssetStore`) for which a text needs an asset of this system. */
export function assetMentions(text: string): readonly string[] {
  const found = Array.from(text.matchAll(MENTION), ([, path, word = '']) =>
    path !== 'assets' || assetFileIn(word) ? word : '',
  )
  return [...new Set(found)].filter((word) => word !== '')
}
