import type { Settings } from '../config/settings.ts'
import type { MemberRow } from '../store/log-store.ts'

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']
const WILDCARD = ['0.0.0.0', '::', '']

/** `all` is chat and edge in one process. */
export function rolesOf(role: Settings['role']): readonly ('chat' | 'edge' | 'backup')[] {
  return role === 'all' ? ['chat', 'edge'] : [role]
}

/** The host that others reach this machine by, where it listens on `listening`. */
export function reachableHost(listening: string, machine: string): string {
  return WILDCARD.includes(listening) ? machine : listening
}

/** Whether only this machine can reach what listens on `host`. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

/** HTTPS and WSS, unless only this machine can listen in or the operator wants it otherwise. */
export function speaksTls({ tls, host, allowPlainHttp }: Pick<Settings, 'tls' | 'host' | 'allowPlainHttp'>): boolean {
  return tls === 'on' || !(isLoopback(host) || allowPlainHttp)
}

/** The names by which people reach the system over TLS: its certificate must have them all. */
export function publicHosts({ publicUrl, addresses }: Pick<Settings, 'publicUrl' | 'addresses'>): readonly string[] {
  const secure = [publicUrl, ...addresses].filter((url) => url.startsWith('https:'))
  return [...new Set(secure.map((url) => new URL(url).hostname.replace(/^\[|\]$/g, '')))]
}

/** This node's own HTTP address. A loopback address is called `localhost`, as people type it. */
export function ownUrlOf(host: string, port: number, tls = false): string {
  const bracketed = host.includes(':') ? `[${host}]` : host
  return `http${tls ? 's' : ''}://${LOOPBACK.includes(bracketed) ? 'localhost' : bracketed}:${port}`
}

/**
 * Origins of pages that may connect: this system's own addresses and the sites that the operator named. On one
 * machine `localhost` and `127.0.0.1` are the same place to people, not to browsers.
 */
export function allowedOrigins(
  settings: Pick<Settings, 'publicUrl' | 'addresses' | 'allowedOrigins'>,
  ownUrl: string,
): readonly string[] | 'any' {
  if (settings.allowedOrigins.includes('*')) return 'any'
  const named = [ownUrl, settings.publicUrl, ...settings.addresses, ...settings.allowedOrigins].filter(Boolean)
  return [...new Set(named.flatMap(loopbackTwins))]
}

function loopbackTwins(origin: string): readonly string[] {
  const { protocol, hostname, host, port } = new URL(origin)
  if (!LOOPBACK.includes(hostname)) return [`${protocol}//${host}`]
  return LOOPBACK.map((twin) => `${protocol}//${twin}${port && `:${port}`}`)
}

/** The path of the socket on every edge. */
export const SOCKET_PATH = '/connect'

/** `https://chat.example.com` -> `wss://chat.example.com/connect`. */
export function socketAddress(url: string): string {
  return `${url.replace(/^http/, 'ws').replace(/\/$/, '')}${SOCKET_PATH}`
}

/** Where clients may connect: the addresses that an operator set, else every edge that takes new ones. */
export function socketAddresses(
  settings: Pick<Settings, 'publicUrl' | 'addresses'>,
  members: readonly MemberRow[],
): readonly string[] {
  const edges = members.filter(
    ({ roles, tombstoned, mode }) => roles.includes('edge') && !tombstoned && mode !== 'draining',
  )
  const urls = settings.publicUrl ? [settings.publicUrl] : edges.map(({ httpUrl }) => httpUrl)
  return [...new Set([...urls, ...settings.addresses].map(socketAddress))]
}
