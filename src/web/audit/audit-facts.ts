import type { AuditHeadRow, AuditRecordRow } from '../../protocol/audit-answers.ts'
import { countText } from '../console/console-text.ts'

/** A record as a page shows it. Fields that it does not have are empty; what cannot be read is told by `damaged`. */
export interface AuditEntryView {
  readonly n: number
  readonly at: number
  readonly hash: string
  readonly act: string
  readonly on: string
  readonly who: { readonly name: string; readonly subject: string; readonly from: string }
  readonly node: string
  /** By the clock of the node that was asked; differs where the store was away. */
  readonly nodeAt: number
  readonly happened: string
  readonly reason: string
  readonly before?: unknown
  readonly after?: unknown
  readonly damaged: boolean
}

export function entryIn({ n, at, hash, body }: AuditRecordRow): AuditEntryView {
  const entry = objectIn(body)
  const who = isObject(entry?.who) ? entry.who : {}
  return {
    ...{ n, at, hash, act: textOf(entry?.act), on: textOf(entry?.on) },
    who: { name: textOf(who.name), subject: textOf(who.subject), from: textOf(who.from) },
    node: textOf(entry?.node),
    nodeAt: typeof entry?.nodeAt === 'number' ? entry.nodeAt : at,
    happened: textOf(entry?.happened),
    reason: textOf(entry?.reason),
    ...(entry?.before !== undefined && { before: entry.before }),
    ...(entry?.after !== undefined && { after: entry.after }),
    damaged: entry === undefined,
  }
}

/** Clocks differ by a little; what is later than that was recorded late. */
export function wasLate({ at, nodeAt }: Pick<AuditEntryView, 'at' | 'nodeAt'>): boolean {
  return at - nodeAt > 60_000
}

/** One place in what was before and what is after. */
export interface DiffRow {
  readonly place: string
  readonly kind: 'added' | 'removed' | 'changed' | 'same'
  readonly before: string
  readonly after: string
}

/** What changed, leaf by leaf, in the order of the places; what is alike stands there too. */
export function diffOf(before: unknown, after: unknown): readonly DiffRow[] {
  const [old, young] = [leavesOf(before), leavesOf(after)]
  const places = [...new Set([...old.keys(), ...young.keys()])]
  return places.map((place) => {
    const [was, is] = [old.get(place), young.get(place)]
    const kind = was === undefined ? 'added' : is === undefined ? 'removed' : was === is ? 'same' : 'changed'
    return { place, kind, before: was ?? '', after: is ?? '' }
  })
}

function leavesOf(value: unknown): ReadonlyMap<string, string> {
  const leaves = new Map<string, string>()
  const walk = (each: unknown, place: readonly string[]): void => {
    const parts = isObject(each) ? Object.entries(each) : []
    for (const [name, part] of parts) walk(part, [...place, name])
    if (parts.length === 0 && each !== undefined && !(place.length === 0 && isObject(each)))
      leaves.set(place.join(' › '), typeof each === 'string' ? each : JSON.stringify(each))
  }
  walk(value, [])
  return leaves
}

/** What somebody looks for, as in the address of the page: `?who=ada&what=node&since=2026-01-31`. */
export interface AuditFilter {
  readonly who: string
  readonly what: string
  /** A day, from its beginning where the reader is; empty: since ever. */
  readonly since: string
}

export function filterIn(search: string): AuditFilter {
  const query = new URLSearchParams(search)
  const since = query.get('since') ?? ''
  return {
    who: query.get('who') ?? '',
    what: query.get('what') ?? '',
    since: /^\d{4}-\d\d-\d\d$/.test(since) ? since : '',
  }
}

/** The address of the page below the console. `record`: opened there. */
export function addressOf(filter: AuditFilter, record?: number): string {
  const words = Object.entries(filter).filter(([, word]) => word.trim() !== '')
  const query = new URLSearchParams(words.map(([name, word]) => [name, word.trim()])).toString()
  return `audit${record === undefined ? '' : `/${record}`}${query === '' ? '' : `?${query}`}`
}

/** The question for the records below a number; `sinceMs` is the beginning of the day that the filter names. */
export function auditPath(filter: AuditFilter, sinceMs: number | undefined, before?: number): string {
  const query = new URLSearchParams({ limit: '50' })
  if (before !== undefined) query.set('before', String(before))
  if (filter.who.trim() !== '') query.set('who', filter.who.trim())
  if (filter.what.trim() !== '') query.set('what', filter.what.trim())
  if (sinceMs !== undefined) query.set('since', String(sinceMs))
  return `/api/audit?${query}`
}

export function isFiltered(filter: AuditFilter): boolean {
  return Object.values(filter).some((word) => word.trim() !== '')
}

/** How far the checking of the chain is. */
export type ChainState =
  | { readonly kind: 'unchecked' }
  | { readonly kind: 'checking'; readonly checked: number; readonly all: number }
  | { readonly kind: 'sound'; readonly head: AuditHeadRow }
  | { readonly kind: 'broken'; readonly n: number; readonly sentence: string }
  | { readonly kind: 'trouble'; readonly sentence: string }

export function chainText(state: ChainState): string {
  switch (state.kind) {
    case 'unchecked':
      return 'Not checked yet.'
    case 'checking':
      return `Checking: ${countText(state.checked)} of ${countText(state.all)} records.`
    case 'sound':
      if (state.head.n < 2) return state.head.n === 0 ? 'There is no record yet.' : 'The record is as it was written.'
      return `All ${countText(state.head.n)} records are as they were written.`
    case 'broken':
    case 'trouble':
      return state.sentence
  }
}

function objectIn(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
