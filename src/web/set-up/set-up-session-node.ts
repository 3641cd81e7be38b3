import { linkIn } from './set-up-facts.ts'

const KEY = 'holdfast:set-up-link'

/**
 * The set-up link of this tab: from the address, which is cleaned at once so that the link stays out of sight and of the
 * browser's history, else from before the last reload.
 */
export function takeSetUpLink(): string | undefined {
  const given = linkIn(new URL(location.href))
  if (given !== undefined) {
    history.replaceState(history.state, '', location.pathname + location.search)
    sessionStorage.setItem(KEY, given)
  }
  return sessionStorage.getItem(KEY) ?? undefined
}

export function forgetSetUpLink(): void {
  sessionStorage.removeItem(KEY)
}
