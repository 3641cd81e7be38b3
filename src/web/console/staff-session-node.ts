const KEY = 'holdfast:staff-token'

/**
 * The token of this tab: from the address (`/agent#token=...`), which is cleaned at once so that the token is not
 * copied with the link or seen over a shoulder, else from before the last reload. Another tab has another one.
 */
export function takeStaffToken(): string | undefined {
  const given = new URLSearchParams(location.hash.slice(1)).get('token')
  if (given !== null) {
    history.replaceState(history.state, '', location.pathname + location.search)
    keepStaffToken(given)
  }
  return sessionStorage.getItem(KEY) ?? undefined
}

export function keepStaffToken(token: string): void {
  sessionStorage.setItem(KEY, token)
}

export function forgetStaffToken(): void {
  sessionStorage.removeItem(KEY)
}
