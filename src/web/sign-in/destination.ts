import { ownPage } from '../../protocol/page-policy.ts'
import type { Scope } from '../../protocol/tokens.ts'

/** Where somebody goes who has signed in: to the page that he came from, else to the one that his scopes open. */
export function destination(wanted: string | null, scopes: readonly Scope[]): string {
  return ownPage(wanted) ?? (scopes.includes('conversations') ? '/agent' : '/console')
}

/** What the address of the sign-in page says. The secret of a set-up link stands behind its hash. */
export function arrivalIn(address: URL): { readonly to: string | null; readonly setUpLink: string | null } {
  return { to: address.searchParams.get('to'), setUpLink: new URLSearchParams(address.hash.slice(1)).get('set-up') }
}
