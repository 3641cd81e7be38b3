import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { ManualClock } from '../base/manual-clock.ts'
import { loadVerb, VERB_NAMES } from './all-verbs.ts'
import { run } from './main.ts'
import { EXIT, parseArguments, type VerbIo } from './verb.ts'

// What the documents tell people to type must be there: verb, form and options as the command line reads them, or a
// route that a node serves. On the pages for people who come from other systems, blocks marked `finished` are promises.
const root = join(import.meta.dirname, '..', '..')
const folders = [join('docs', 'coming-from'), join('docs', 'operate')]
const pages = [
  ...['README.md', join('docs', 'start.md'), join('docs', 'operate.md')],
  ...folders.flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name))),
]

for (const page of pages)
  for (const command of commandsOf(page))
    test(`${page} says ${command}`, async () => {
      // What stands in quotes is one word.
      const [program, verb, ...words] = command.match(/"[^"]*"|\S+/g) ?? []
      if (program === 'curl') return assertRoute([verb ?? '', ...words])
      assert.equal(`${program} ${verb}`, 'npx holdfast')
      await assertVerb(words)
    })

/** The lines of shell blocks that begin a program of ours, without their comments and what they read. */
function commandsOf(page: string): Set<string> {
  const blocks = readFileSync(join(root, page), 'utf8').matchAll(/^```sh(?: finished)?\n([\s\S]*?)^```$/gm)
  const lines = [...blocks].flatMap(([, block = '']) => block.trimEnd().split('\n'))
  return new Set(
    lines.map((line) => line.replace(/\s+(?:#|< ).*$/, '')).filter((line) => /^(?:npx holdfast|curl) /.test(line)),
  )
}

async function assertVerb([name = '', ...argv]: readonly string[]): Promise<void> {
  const known = VERB_NAMES.find((candidate) => candidate === name)
  assert.ok(known, `there is no verb ${name}`)
  const verb = await loadVerb(known)
  const { words } = parseArguments(verb, argv)
  const matching = verb.usage.some((form) => fits(form, [name, ...words]))
  assert.ok(matching, `${words.join(' ')} fits none of ${verb.usage.join(', ')}`)
  const printed: string[] = []
  assert.equal(await run([name, '--help'], quietIo(printed)), EXIT.done)
  assert.ok(printed.join('\n').includes(verb.summary))
}

/** Whether words fit a form such as `node drain <name> [--finish]`: each plain word in its place, anything for `<...>`. */
function fits(form: string, words: readonly string[]): boolean {
  const places = form
    .replace(/\[[^\]]*\]/g, '')
    .replace(/--\S+(?: <[^>]+>)?/g, '')
    .trim()
    .split(/\s+/)
  return (
    words.length === places.length &&
    places.every((place, index) => place.startsWith('<') || place.split('|').includes(words[index] ?? ''))
  )
}

function assertRoute(words: readonly string[]): void {
  const method = words.includes('-X') ? words[words.indexOf('-X') + 1] : 'GET'
  const path = new URL(words.at(-1) ?? '').pathname
  const found = routes().some((route) => route.method === method && route.pattern.test(path))
  assert.ok(found, `no node serves ${method} ${path}`)
}

function routes(): { method: string; pattern: RegExp }[] {
  const folder = join(root, 'src', 'server')
  const sources = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  return sources.flatMap((name) => {
    const found = readFileSync(join(folder, name), 'utf8').matchAll(/\.(get|post)(?:<[^(]*>)?\(\s*'(\/[^']*)'/g)
    return [...found].map(([, method = '', path = '']) => ({
      method: method.toUpperCase(),
      pattern: new RegExp(`^${path.replace(/:\w+/g, '[^/]+').replace(/\*$/, '.+')}$`),
    }))
  })
}

function quietIo(printed: string[]): VerbIo {
  return {
    out: (line) => printed.push(line),
    err: () => {},
    async *lines() {},
    env: {},
    clock: new ManualClock(),
    random: { fraction: () => 0.5, id: () => '0000000000000' },
    interactive: false,
    interrupted: new AbortController().signal,
  }
}
