import type { ReactNode } from 'react'
import type { Block, Inline } from '../markdown-ast.ts'

/** A message's tree as elements; nothing in it is ever read as markup. */
export function MarkdownView(props: { blocks: readonly Block[] }) {
  return <>{props.blocks.map(blockElement)}</>
}

function blockElement(block: Block, place: number): ReactNode {
  if (block.type === 'paragraph') return <p key={place}>{block.children.map(inlineElement)}</p>
  if (block.type === 'code-block')
    return (
      <pre key={place}>
        <code>{block.text}</code>
      </pre>
    )
  const List = block.ordered ? 'ol' : 'ul'
  // biome-ignore lint/suspicious/noArrayIndexKey: a message never changes
  const items = block.items.map((item, index) => <li key={index}>{item.map(inlineElement)}</li>)
  return <List key={place}>{items}</List>
}

function inlineElement(inline: Inline, place: number): ReactNode {
  switch (inline.type) {
    case 'text':
      return inline.text
    case 'break':
      return <br key={place} />
    case 'code':
      return <code key={place}>{inline.text}</code>
    case 'bold':
      return <strong key={place}>{inline.children.map(inlineElement)}</strong>
    case 'italic':
      return <em key={place}>{inline.children.map(inlineElement)}</em>
    case 'link':
      return (
        <a key={place} href={inline.href} target="_blank" rel="noopener noreferrer nofollow ugc">
          {inline.children.map(inlineElement)}
        </a>
      )
  }
}
