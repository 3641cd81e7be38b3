/** One cookie of ours as a browser is told of it. */
export interface Cookie {
  readonly name: string
  readonly value: string
  /** 0: it is to be forgotten. */
  readonly maxAgeSeconds: number
  /** `Strict`: sent from our own pages only. `Lax`: also when another site leads the browser to us. */
  readonly sameSite: 'Strict' | 'Lax'
  /** The request came by TLS. */
  readonly secure: boolean
}

export const SESSION_COOKIE = 'holdfast-session'
/** While somebody is at the sign-in provider. */
export const FLOW_COOKIE = 'holdfast-sign-in'

/**
 * With TLS a name of ours has the prefix by which browsers promise that nobody else could have set it: no other host of
 * the domain, no page without TLS.
 */
function fullName(name: string, secure: boolean): string {
  return secure ? `__Host-${name}` : name
}

/** The value of `Set-Cookie`. No script reads it. */
export function cookieHeader({ name, value, maxAgeSeconds, sameSite, secure }: Cookie): string {
  const parts = [`${fullName(name, secure)}=${value}`, 'Path=/', `Max-Age=${maxAgeSeconds}`, 'HttpOnly']
  return [...parts, `SameSite=${sameSite}`, ...(secure ? ['Secure'] : [])].join('; ')
}

/** A cookie of ours among those of a request. */
export function cookieIn(header: string | undefined, name: string, secure: boolean): string | undefined {
  const wanted = `${fullName(name, secure)}=`
  const found = (header ?? '').split(';').map((part) => part.trim())
  return found.find((part) => part.startsWith(wanted))?.slice(wanted.length) || undefined
}
