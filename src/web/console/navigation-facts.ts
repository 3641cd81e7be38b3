import { holds, type StaffClaims } from '../../protocol/tokens.ts'
import { type ConsolePage, PAGE_GROUPS } from './console-page.ts'

export const CONSOLE_PATH = '/console'

/** Whether somebody's token opens a page, or routes of a scope. */
export type May = (scope: ConsolePage['scope']) => boolean

export function mayOf(claims: StaffClaims): May {
  return (scope) => scope === 'staff' || holds(claims, scope)
}

export interface NavigationGroup {
  readonly name: (typeof PAGE_GROUPS)[number]
  readonly pages: readonly ConsolePage[]
}

/** What stands in the navigation: what may be seen, by groups, none of them empty. */
export function navigationOf(pages: readonly ConsolePage[], may: May): readonly NavigationGroup[] {
  return PAGE_GROUPS.map((name) => ({
    name,
    pages: pages.filter((page) => page.group === name && may(page.scope)),
  })).filter((group) => group.pages.length > 0)
}

/** What an address of the console shows. */
export type Place =
  | { readonly kind: 'page'; readonly page: ConsolePage; readonly rest: readonly string[] }
  /** The console itself: the first page that may be seen. */
  | { readonly kind: 'begin'; readonly page: ConsolePage }
  /** The console itself, for somebody who may see no page of it. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'forbidden'; readonly page: ConsolePage }
  | { readonly kind: 'unknown' }

/** `pathname` as in an address: `/console/configuration/queue/sales`. */
export function placeAt(pathname: string, pages: readonly ConsolePage[], may: May): Place {
  const [path, ...rest] = pathname.slice(CONSOLE_PATH.length).split('/').filter(Boolean)
  if (path === undefined) {
    const first = navigationOf(pages, may)[0]?.pages[0]
    return first ? { kind: 'begin', page: first } : { kind: 'nothing' }
  }
  const page = pages.find((each) => each.path === path)
  if (!page) return { kind: 'unknown' }
  return may(page.scope) ? { kind: 'page', page, rest: rest.map(decoded) } : { kind: 'forbidden', page }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** What of a click, and of the link under it, decides who follows it. */
export interface LinkClick {
  readonly button: number
  readonly modified: boolean
  readonly handled: boolean
  /** Where the link leads, as a whole address. */
  readonly href: string
  /** It opens elsewhere, or is a file to keep. */
  readonly elsewhere: boolean
}

/** Where the console goes by itself for a click on a link, below its own address; `undefined`: the browser follows it. */
export function pathOfClick(click: LinkClick, here: string): string | undefined {
  if (click.button !== 0 || click.modified || click.handled || click.elsewhere) return undefined
  const [to, from] = [new URL(click.href), new URL(here)]
  if (to.origin !== from.origin || to.hash !== '') return undefined
  if (to.pathname !== CONSOLE_PATH && !to.pathname.startsWith(`${CONSOLE_PATH}/`)) return undefined
  return to.pathname.slice(CONSOLE_PATH.length + 1) + to.search
}
