import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { type Block, type Inline, parseMarkdown, parsePlain, safeHref } from './markdown-ast.ts'

/** The tree as short text: `b(..)`, `i(..)`, `c(..)`, `a[href](..)`, `/` for a break. */
function show(blocks: readonly Block[]): string {
  const inline = (node: Inline): string => {
    if (node.type === 'text') return node.text
    if (node.type === 'break') return '/'
    if (node.type === 'code') return `c(${node.text})`
    if (node.type === 'link') return `a[${node.href}](${node.children.map(inline).join('')})`
    return `${node.type[0]}(${node.children.map(inline).join('')})`
  }
  const line = (nodes: readonly Inline[]) => nodes.map(inline).join('')
  return blocks
    .map((block) => {
      if (block.type === 'code-block') return `pre(${block.text})`
      if (block.type === 'paragraph') return `p(${line(block.children)})`
      return `${block.ordered ? 'ol' : 'ul'}(${block.items.map(line).join('|')})`
    })
    .join(' ')
}

const hrefsOf = (blocks: readonly Block[]): readonly string[] =>
  [...show(blocks).matchAll(/a\[([^\]]*)\]\(/g)].map((match) => match[1] ?? '')

const READINGS: readonly (readonly [string, string])[] = [
  ['plain words', 'p(plain words)'],
  ['one\ntwo\n\nthree', 'p(one/two) p(three)'],
  ['**bold** and *italic* and __both__ _kinds_', 'p(b(bold) and i(italic) and b(both) i(kinds))'],
  ['***all***', 'p(b(i(all)))'],
  ['**bold *and italic* too**', 'p(b(bold i(and italic) too))'],
  ['`**code**` stays', 'p(c(**code**) stays)'],
  ['2 * 3 * 4', 'p(2 * 3 * 4)'],
  ['snake_case_name', 'p(snake_case_name)'],
  ['\\*not italic\\*', 'p(*not italic*)'],
  ['**unclosed', 'p(**unclosed)'],
  ['- a\n- **b**\n* c', 'ul(a|b(b)|c)'],
  ['1. a\n2) b', 'ol(a|b)'],
  ['text\n- item', 'p(text) ul(item)'],
  ['```\nlet a = 1\n**raw**\n```\nafter', 'pre(let a = 1\n**raw**) p(after)'],
  ['[the shop](https://shop.example/a?b=c)', 'p(a[https://shop.example/a?b=c](the shop))'],
  ['[write](mailto:help@shop.example)', 'p(a[mailto:help@shop.example](write))'],
  ['see https://shop.example/x, please.', 'p(see a[https://shop.example/x](https://shop.example/x), please.)'],
  ['[**b**](http://x.example/)', 'p(a[http://x.example/](b(b)))'],
  ['(*)', 'p((*))'],
  ['', ''],
]

test('[WE20] bold, italic, code, links and lists are understood, the rest stays literal', () => {
  for (const [text, tree] of READINGS) assert.equal(show(parseMarkdown(text)), tree, text)
})

test('plain text keeps its marks and only addresses become links', () => {
  assert.equal(show(parsePlain('**a**\n- b <i>')), 'p(**a**/- b <i>)')
  assert.equal(show(parsePlain('https://x.example')), 'p(a[https://x.example/](https://x.example))')
})

const HOSTILE_ADDRESSES = [
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  ' javascript:alert(1)',
  'java\nscript:alert(1)',
  'java\tscript:alert(1)',
  '\u0001javascript:alert(1)',
  'javascript&colon;alert(1)',
  'javascript://x.example/%0aalert(1)',
  'data:text/html,<script>alert(1)</script>',
  'data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==',
  'vbscript:msgbox(1)',
  'file:///etc/passwd',
  'blob:https://x.example/1',
  'filesystem:https://x.example/1',
  'view-source:https://x.example',
  'about:blank',
  'intent://x#Intent;end',
  '//evil.example/x',
  '/relative',
  '#fragment',
  'https://bank.example@evil.example/',
  'https://user:password@evil.example/',
  'http:',
  'https://',
  '',
]

test('[WE20] no address but plain http, https and mailto ones becomes a link', () => {
  for (const address of HOSTILE_ADDRESSES) {
    assert.equal(safeHref(address), undefined, address)
    // What is left of `blob:https://x.example/1` is the bare address in it.
    for (const text of [`[click](${address})`, `[![x](${address})](${address})`])
      for (const href of hrefsOf(parseMarkdown(text))) assert.match(href, /^https:\/\/x\.example\/\S*$/, text)
  }
})

test('[WE20] markup in messages stays text', () => {
  const vectors = [
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<svg/onload=alert(1)>',
    '**<b onclick=alert(1)>x</b>**',
    '`<iframe srcdoc=x>`',
  ]
  for (const vector of vectors)
    assert.ok(show(parseMarkdown(vector)).includes(vector.replaceAll(/\*\*|`/g, '')), vector)
})

test('an address within a link keeps quotes out of the attribute', () => {
  const [href] = hrefsOf(parseMarkdown('[x](https://x.example/"onmouseover="alert(1))'))
  assert.equal(href, 'https://x.example/%22onmouseover=%22alert(1')
})

test('[WE20] every text has a tree with safe links, and deep nesting is cut', () => {
  const markup = fc.stringMatching(/^[*_`[\]()\\\n \-hjavscript:/.@1]{0,60}$/)
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), markup), (text) => {
      for (const href of hrefsOf(parseMarkdown(text))) assert.match(href, /^(https?:\/\/|mailto:)/)
    }),
    { numRuns: 500 },
  )
  assert.ok(parseMarkdown('*a **b '.repeat(2_000)).length > 0)
  assert.ok(parseMarkdown('['.repeat(4_000)).length > 0)
})

test('nothing of a text is lost when nothing in it is a mark', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const literal = text.replace(/[\\`*_[\]\r\n\-+\d\s]|https?/g, 'x')
      assert.equal(show(parseMarkdown(literal)), literal === '' ? '' : `p(${literal})`)
    }),
  )
})
