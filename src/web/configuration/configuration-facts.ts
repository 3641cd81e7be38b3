import type { ConfigAnswer, ConfigDocumentRow } from '../../protocol/config-answers.ts'
import { plural } from '../console/console-text.ts'

export type KindRow = ConfigAnswer['kinds'][number]

/** What of the configuration is looked at, by what follows the page's path in the address. */
export type Place =
  | { readonly kind: 'overview' }
  /** Of everything, or of one document. */
  | { readonly kind: 'history'; readonly of?: KindRow; readonly name?: string }
  | { readonly kind: 'document'; readonly of: KindRow; readonly name: string }
  /** One more of a kind. */
  | { readonly kind: 'new'; readonly of: KindRow }
  | { readonly kind: 'nowhere'; readonly path: string }

/** `[]`, `history`, `branding`, `branding/history`, `queue`, `queue/sales`, `queue/sales/history`. */
export function placeOf(rest: readonly string[], kinds: readonly KindRow[]): Place {
  const [first, ...others] = rest
  if (first === undefined) return { kind: 'overview' }
  const of = kinds.find(({ kind }) => kind === first)
  if (!of) return first === 'history' && others.length === 0 ? { kind: 'history' } : nowhere(rest)
  if (of.many && others.length === 0) return { kind: 'new', of }
  const own = of.many ? others.shift() : undefined
  const name = own === undefined ? of.kind : `${of.kind}/${own}`
  const [last, ...more] = others
  if (last === undefined) return { kind: 'document', of, name }
  return last === 'history' && more.length === 0 ? { kind: 'history', of, name } : nowhere(rest)
}

function nowhere(rest: readonly string[]): Place {
  return { kind: 'nowhere', path: rest.join('/') }
}

/** The documents of a kind that somebody wrote. */
export function documentsOf(
  { kind }: KindRow,
  { documents }: Pick<ConfigAnswer, 'documents'>,
): readonly ConfigDocumentRow[] {
  return documents.filter(({ name }) => name === kind || name.startsWith(`${kind}/`))
}

/** What a document is called among others: its title where it has one. */
export function titleOf({ name, value }: ConfigDocumentRow): string {
  const own = ownName(name)
  for (const field of ['title', 'subject'])
    if (typeof value === 'object' && value !== null && field in value) {
      const title: unknown = Reflect.get(value, field)
      if (typeof title === 'string' && title !== '') return title
    }
  return own
}

/** `sales` of `queue/sales`; of the only one of its kind, its kind. */
export function ownName(name: string): string {
  return name.slice(name.indexOf('/') + 1)
}

const OWN = /^[a-z0-9][a-z0-9-]{0,62}$/

/** What is wrong with the own name of a new document. */
export function ownNameFault(own: string, taken: readonly string[]): string | undefined {
  if (own === '') return 'It needs a name.'
  if (!OWN.test(own)) return 'A name has small letters, digits and hyphens, such as sales-north.'
  return taken.includes(own) ? 'There is one of this name.' : undefined
}

/** How it stands with who runs what. */
export interface RunFacts {
  readonly tone: 'good' | 'worry'
  readonly sentence: string
}

/** Whether all nodes run the newest configuration, or who does not. */
export function runFacts({ nodes, revision, known }: Pick<ConfigAnswer, 'nodes' | 'revision' | 'known'>): RunFacts {
  if (known === 'last-known')
    return { tone: 'worry', sentence: 'The store is away: this is the last configuration that was known here.' }
  const others = nodes.filter(({ drift }) => drift).map(({ node }) => node)
  const silent = nodes.filter(({ answers }) => !answers).map(({ node }) => node)
  const sentences = [
    ...(others.length > 0 ? [`${namesText(others)} another configuration.`] : []),
    ...(silent.length > 0
      ? [`${silent.join(', ')} ${silent.length === 1 ? 'does' : 'do'} not say what ${verb(silent, 'runs', 'run')}.`]
      : []),
  ]
  if (sentences.length > 0) return { tone: 'worry', sentence: sentences.join(' ') }
  const all = nodes.length === 1 ? 'The node runs' : `All ${plural(nodes.length, 'node')} run`
  return { tone: 'good', sentence: `${all} revision ${revision}.` }
}

function namesText(names: readonly string[]): string {
  return `${names.join(', ')} ${names.length === 1 ? 'runs' : 'run'}`
}

function verb(names: readonly string[], one: string, many: string): string {
  return names.length === 1 ? `it ${one}` : `they ${many}`
}

/** Which of a digest's characters are shown: enough to tell two of them apart. */
export function digestText(digest: string): string {
  return digest.slice(0, 10)
}
