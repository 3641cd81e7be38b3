/**
 * The small safe part of Markdown that messages may use, as a typed tree. What is not understood stays literal text;
 * nothing in a message can become an element or an attribute that is not in these types. Renderers walk the tree and
 * never touch `innerHTML`.
 */
export type Inline =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'break' }
  | { readonly type: 'code'; readonly text: string }
  | { readonly type: 'bold' | 'italic'; readonly children: readonly Inline[] }
  /** `href` was parsed: absolute, http, https or mailto, no user name or password in it. */
  | { readonly type: 'link'; readonly href: string; readonly children: readonly Inline[] }

export type Block =
  | { readonly type: 'paragraph'; readonly children: readonly Inline[] }
  | { readonly type: 'code-block'; readonly text: string }
  | { readonly type: 'list'; readonly ordered: boolean; readonly items: readonly (readonly Inline[])[] }

const LINK_PROTOCOLS = ['http:', 'https:', 'mailto:']
// Deeper nesting than any person writes stays literal, so that hostile text cannot exhaust the stack.
const DEPTH_MAX = 6
const FENCE = /^\s*```/
const BULLET = /^\s{0,3}[-*+]\s+(.*)$/
const NUMBER = /^\s{0,3}\d{1,9}[.)]\s+(.*)$/
const BARE_ADDRESS = /https?:\/\/[^\s<>"'`]+/y
const WORD = /[\p{L}\p{N}]/u

/** Reads a message of format `markdown`. Total: every text has a tree, in time linear but for unclosed marks. */
export function parseMarkdown(text: string): readonly Block[] {
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  const blocks: Block[] = []
  let at = 0
  while (at < lines.length) {
    const line = lines[at] ?? ''
    if (line.trim() === '') at++
    else if (FENCE.test(line)) at = readFence(lines, at, blocks)
    else if (BULLET.test(line)) at = readList(lines, at, BULLET, blocks)
    else if (NUMBER.test(line)) at = readList(lines, at, NUMBER, blocks)
    else at = readParagraph(lines, at, blocks)
  }
  return blocks
}

/** Reads a message of format `text`: literal, but for line breaks and addresses that begin with http. */
export function parsePlain(text: string): readonly Block[] {
  return [{ type: 'paragraph', children: readInlines(text.replaceAll('\r\n', '\n'), { marks: false, depth: 0 }) }]
}

/** The address a link may have, in its parsed form, or undefined where it must stay text. */
export function safeHref(address: string): string | undefined {
  // URL drops tabs and line ends and folds case before it names the protocol, exactly as a browser would on a click.
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (!url || !LINK_PROTOCOLS.includes(url.protocol)) return undefined
  // `https://bank.example@evil.example/` is made to be misread.
  if (url.username !== '' || url.password !== '') return undefined
  return url.href
}

function readFence(lines: readonly string[], from: number, blocks: Block[]): number {
  let end = from + 1
  while (end < lines.length && !FENCE.test(lines[end] ?? '')) end++
  blocks.push({ type: 'code-block', text: lines.slice(from + 1, end).join('\n') })
  return end + 1
}

function readList(lines: readonly string[], from: number, mark: RegExp, blocks: Block[]): number {
  const items: (readonly Inline[])[] = []
  let at = from
  for (; at < lines.length; at++) {
    const item = mark.exec(lines[at] ?? '')?.[1]
    if (item === undefined) break
    items.push(readInlines(item, { marks: true, depth: 0 }))
  }
  blocks.push({ type: 'list', ordered: mark === NUMBER, items })
  return at
}

function readParagraph(lines: readonly string[], from: number, blocks: Block[]): number {
  const isParagraph = (line: string) =>
    line.trim() !== '' && !FENCE.test(line) && !BULLET.test(line) && !NUMBER.test(line)
  let end = from + 1
  while (end < lines.length && isParagraph(lines[end] ?? '')) end++
  blocks.push({
    type: 'paragraph',
    children: readInlines(lines.slice(from, end).join('\n'), { marks: true, depth: 0 }),
  })
  return end
}

interface Reading {
  readonly marks: boolean
  readonly depth: number
}

/** Something understood at a place of the text, and where the text goes on. */
interface Found {
  readonly inline: Inline
  readonly end: number
}

function readInlines(text: string, reading: Reading): readonly Inline[] {
  const inlines: Inline[] = []
  let literal = ''
  const flush = () => {
    if (literal !== '') inlines.push({ type: 'text', text: literal })
    literal = ''
  }
  let at = 0
  while (at < text.length) {
    const found = readAt(text, at, reading)
    if (found) {
      flush()
      inlines.push(found.inline)
      at = found.end
    } else {
      // A backslash before a mark makes it literal.
      if (reading.marks && text[at] === '\\' && /[\\`*_[\]()]/.test(text[at + 1] ?? '')) at++
      literal += text[at]
      at++
    }
  }
  flush()
  return inlines
}

function readAt(text: string, at: number, reading: Reading): Found | undefined {
  const character = text[at]
  if (character === '\n') return { inline: { type: 'break' }, end: at + 1 }
  if (character === 'h') return readBareAddress(text, at)
  if (!reading.marks || reading.depth >= DEPTH_MAX) return undefined
  if (character === '`') return readCode(text, at)
  if (character === '[') return readLink(text, at, reading)
  if (character === '*' || character === '_') return readEmphasis(text, at, character, reading)
  return undefined
}

function readCode(text: string, at: number): Found | undefined {
  const end = text.indexOf('`', at + 1)
  if (end <= at + 1) return undefined
  return { inline: { type: 'code', text: text.slice(at + 1, end) }, end: end + 1 }
}

function readLink(text: string, at: number, reading: Reading): Found | undefined {
  const middle = text.indexOf('](', at)
  const end = middle < 0 ? -1 : text.indexOf(')', middle)
  if (middle <= at + 1 || end < 0) return undefined
  const href = safeHref(text.slice(middle + 2, end).trim())
  const label = text.slice(at + 1, middle)
  if (href === undefined || label.includes('[')) return undefined
  // No addresses within a label: a link inside a link is nothing a browser could show.
  const children = readInlines(label, { marks: true, depth: reading.depth + 1 }).map(unlink)
  return { inline: { type: 'link', href, children }, end: end + 1 }
}

function unlink(inline: Inline): Inline {
  if (inline.type === 'link') return { type: 'text', text: inline.href }
  if (inline.type === 'bold' || inline.type === 'italic') return { ...inline, children: inline.children.map(unlink) }
  return inline
}

function readEmphasis(text: string, at: number, mark: string, reading: Reading): Found | undefined {
  const double = text[at + 1] === mark
  const marks = double ? mark + mark : mark
  const from = at + marks.length
  const end = closingMark(text, from, marks)
  if (end === undefined || /\s/.test(text[from] ?? ' ')) return undefined
  // snake_case_names are words, not emphasis.
  if (mark === '_' && (WORD.test(text[at - 1] ?? '') || WORD.test(text[end + marks.length] ?? ''))) return undefined
  const children = readInlines(text.slice(from, end), { marks: true, depth: reading.depth + 1 })
  return { inline: { type: double ? 'bold' : 'italic', children }, end: end + marks.length }
}

/** Where `marks` closes: after something other than white space, and not as a part of a longer run of marks. */
function closingMark(text: string, from: number, marks: string): number | undefined {
  const mark = marks[0]
  for (let end = text.indexOf(marks, from); end >= 0; end = text.indexOf(marks, end + 1)) {
    if (end === from || /\s/.test(text[end - 1] ?? '')) continue
    if (marks.length === 1 && (text[end + 1] === mark || text[end - 1] === mark)) continue
    return marks.length === 2 && text[end + 2] === mark ? end + 1 : end
  }
  return undefined
}

function readBareAddress(text: string, at: number): Found | undefined {
  if (WORD.test(text[at - 1] ?? '')) return undefined
  BARE_ADDRESS.lastIndex = at
  // Punctuation at the end belongs to the sentence.
  const address = BARE_ADDRESS.exec(text)?.[0].replace(/[.,;:!?)\]}*_]+$/, '')
  const href = address === undefined ? undefined : safeHref(address)
  if (address === undefined || href === undefined) return undefined
  return { inline: { type: 'link', href, children: [{ type: 'text', text: address }] }, end: at + address.length }
}
