import { homePage, ownPage } from '../../protocol/page-policy.ts'
import type { Scope } from '../../protocol/tokens.ts'

/** Where somebody goes who has signed in: to the page that he came from, else to the one that his scopes open. */
export function destination(wanted: string | null, scopes: readonly Scope[]): string {
  return ownPage(wanted) ?? homePage(scopes)
}

/** The page that somebody came from, as the address of the sign-in page says. */
export function wantedPage(address: URL): string | null {
  return address.searchParams.get('to')
}
