import type { Scope } from './tokens.ts'

/**
 * Where each page lies in the built pages (`dist/web`). Files below `assets/` carry a digest in their name: they never
 * change and older ones stay, so they may be cached for ever; everything else is asked for anew each time.
 */
export const PAGES = {
  '/': 'demo/index.html',
  '/agent': 'agent/index.html',
  '/console': 'console/index.html',
  // The console itself knows which pages it has.
  '/console/*': 'console/index.html',
  '/sign-in': 'sign-in/index.html',
  '/set-up': 'set-up/index.html',
} as const

/** Where pages are that were elsewhere once. A browser takes what stands behind the hash along. */
export const MOVED_PAGES: Readonly<Record<string, string>> = { '/cluster': '/console/cluster' }

/** The file of the built pages that is shown at the path of an address. */
export function pageFileAt(path: string): string | undefined {
  const known: Readonly<Record<string, string>> = PAGES
  return Object.hasOwn(known, path) ? known[path] : path.startsWith('/console/') ? PAGES['/console/*'] : undefined
}

// Nothing that a browser or a server on the way would read as another site, or as another path.
const PLAIN_ADDRESS = /^(?:\/|(?:\/(?!(?:\.|%2e){1,2}(?:[/?]|$))[\w.~%:!'()*-]+)+)(?:\?[\w.~%:!'()*&=+-]*)?$/i

/** An address that leads to one of our own pages after signing in; `undefined` for any other. */
export function ownPage(wanted: string | null | undefined): string | undefined {
  if (wanted == null || !PLAIN_ADDRESS.test(wanted)) return undefined
  const path = wanted.split('?')[0] ?? ''
  if (path === '/sign-in') return undefined
  return pageFileAt(path) === undefined && MOVED_PAGES[path] === undefined ? undefined : wanted
}

/** Where somebody goes who has signed in and came from nowhere. */
export function homePage(scopes: readonly Scope[]): keyof typeof PAGES {
  return scopes.includes('conversations') ? '/agent' : '/console'
}

/**
 * What browsers may do on our pages: nothing but what was built with them. No inline script, no inline style element,
 * and no text becomes markup or script (Trusted Types). Sockets may go to any edge: their addresses are not known
 * when a page is served.
 */
export const PAGE_POLICY = pagePolicy([])

/** The same where an operator named hosts of which pages may show images. */
export function pagePolicy(imageHosts: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    ["img-src 'self' data:", ...imageHosts.map((host) => `https://${host}`)].join(' '),
    "connect-src 'self' ws: wss:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')
}
