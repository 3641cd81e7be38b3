import type { Block, Inline } from '../markdown-ast.ts'

type Attributes = Readonly<Record<string, string | boolean | (() => void)>>
type Child = Node | string

/** An element with attributes and children; `onclick` and the like take functions. No text is ever read as markup. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(name.slice(2), value)
    else if (value !== false) made.setAttribute(name, value === true ? '' : value)
  }
  made.append(...children)
  return made
}

const SVG = 'http://www.w3.org/2000/svg'

/** A line drawing of 24 by 24, coloured like the text around it and silent for screen readers. */
export function icon(path: string): SVGElement {
  const svg = document.createElementNS(SVG, 'svg')
  for (const [name, value] of Object.entries({ viewBox: '0 0 24 24', 'aria-hidden': 'true', class: 'icon' }))
    svg.setAttribute(name, value)
  const line = document.createElementNS(SVG, 'path')
  line.setAttribute('d', path)
  svg.append(line)
  return svg
}

/** A quiet line: its text, which may lead somewhere. */
export function lineNode({ text, href }: { readonly text: string; readonly href?: string }): Node | string {
  return href === undefined ? text : element('a', { href, target: '_blank', rel: 'noopener noreferrer' }, text)
}

/** A message's tree as nodes. */
export function markdownNodes(blocks: readonly Block[]): readonly Node[] {
  return blocks.map((block) => {
    if (block.type === 'code-block') return element('pre', {}, element('code', {}, block.text))
    if (block.type === 'paragraph') return element('p', {}, ...block.children.map(inlineNode))
    const items = block.items.map((item) => element('li', {}, ...item.map(inlineNode)))
    return element(block.ordered ? 'ol' : 'ul', {}, ...items)
  })
}

function inlineNode(inline: Inline): Node {
  switch (inline.type) {
    case 'text':
      return document.createTextNode(inline.text)
    case 'break':
      return element('br')
    case 'code':
      return element('code', {}, inline.text)
    case 'bold':
      return element('strong', {}, ...inline.children.map(inlineNode))
    case 'italic':
      return element('em', {}, ...inline.children.map(inlineNode))
    case 'link':
      return element('a', { href: inline.href, ...LINK_MANNERS }, ...inline.children.map(inlineNode))
  }
}

// The page behind a link learns nothing of this one and cannot reach into it.
const LINK_MANNERS = { target: '_blank', rel: 'noopener noreferrer nofollow ugc' }
