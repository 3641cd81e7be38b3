/**
 * Where each page lies in the built pages (`dist/web`). Files below `assets/` carry a digest in their name: they never
 * change and older ones stay, so they may be cached for ever; everything else is asked for anew each time.
 */
export const PAGES = {
  '/': 'demo/index.html',
  '/agent': 'agent/index.html',
  '/cluster': 'cluster/index.html',
  '/sign-in': 'sign-in/index.html',
} as const

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
