import { lookup as systemLookup } from 'node:dns/promises'
import { type ClientRequest, type IncomingMessage, request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { isIP, type LookupFunction, type Socket } from 'node:net'
import { type AllowedNetworks, isPublicAddress } from './address-guard-node.ts'

export interface GuardedRequest {
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** From the beginning to the last byte of the answer. */
  readonly timeoutMs: number
  readonly allowed: AllowedNetworks
}

export type GuardedAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly text: string }
  /** Not by this address: it is not one, or leads to where nobody outside may be sent. */
  | { readonly kind: 'forbidden'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string }

/** The network as a request sees it; tests give another one. */
export interface GuardedNetwork {
  lookup(host: string): Promise<readonly { readonly address: string; readonly family: number }[]>
  /** Instead of connecting by the operating system. */
  readonly connect?: () => Socket
}

class Forbidden extends Error {}

const ANSWER_BYTES_MAX = 65_536
const SYSTEM: GuardedNetwork = { lookup: (host) => systemLookup(host, { all: true }) }

/**
 * A request to an address that somebody wrote into a form. It reaches public hosts, and of others those alone that an
 * operator allowed: the address itself is checked, every address that its name has, and who answered in the end; the
 * name is looked up once, so that it cannot mean another host a moment later. Redirects are not followed. Without TLS
 * only allowed networks are spoken to. Never rejects.
 */
export async function guardedRequest(asked: GuardedRequest, network = SYSTEM): Promise<GuardedAnswer> {
  try {
    const url = urlIn(asked.url)
    const hosts = await addressesOf(url, network)
    for (const { address } of hosts) check(address, url, asked.allowed)
    return await send(asked, url, hosts, network)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { kind: error instanceof Forbidden ? 'forbidden' : 'failed', reason }
  }
}

type Addresses = Awaited<ReturnType<GuardedNetwork['lookup']>>

function urlIn(text: string): URL {
  if (!URL.canParse(text)) throw new Forbidden('This is not an address.')
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new Forbidden('Only https:// and http:// are called.')
  if (url.username || url.password) throw new Forbidden('An address with a password in it is not called.')
  return url
}

/** A literal is never looked up by anybody, so that it is checked here or nowhere. */
async function addressesOf(url: URL, network: GuardedNetwork): Promise<Addresses> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const family = isIP(host)
  const found = family === 0 ? await network.lookup(host) : [{ address: host, family }]
  if (found.length === 0) throw new Error(`${host} has no address.`)
  return found
}

function check(address: string, url: URL, allowed: AllowedNetworks): void {
  if (allowed.has(address)) return
  if (!isPublicAddress(address)) throw new Forbidden(`${url.hostname} is ${address}, which is not a public address.`)
  if (url.protocol === 'http:') throw new Forbidden(`${url.hostname} is called by https:// only.`)
}

function send(asked: GuardedRequest, url: URL, hosts: Addresses, network: GuardedNetwork): Promise<GuardedAnswer> {
  const { method, headers, body, timeoutMs, allowed } = asked
  const pinned: LookupFunction = (_host, options, answer) => {
    const [first] = hosts
    if (options.all) answer(null, [...hosts])
    else answer(null, first?.address ?? '', first?.family)
  }
  return new Promise((resolve, reject) => {
    const begin = url.protocol === 'https:' ? tlsRequest : plainRequest
    const { connect } = network
    const call: ClientRequest = begin(
      url,
      {
        // A connection of its own: one that was kept would have been checked for another address.
        ...(connect ? { createConnection: connect } : { agent: false }),
        method,
        headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
        lookup: pinned,
        signal: AbortSignal.timeout(timeoutMs),
      },
      (response) => {
        textOf(response).then((text) => resolve({ kind: 'answered', status: response.statusCode ?? 0, text }), reject)
      },
    )
    call.on('error', (error) =>
      reject(
        error.name === 'AbortError' || error.name === 'TimeoutError'
          ? new Error('There was no answer in time.')
          : error,
      ),
    )
    call.on('socket', (socket) => {
      const begins = () => {
        try {
          check(socket.remoteAddress ?? 'unknown', url, allowed)
          call.end(body)
        } catch (error) {
          reject(error)
          call.destroy()
        }
      }
      if (socket.connecting) socket.once('connect', begins)
      else begins()
    })
  })
}

/** The beginning of the answer; who says more than that is not listened to. */
async function textOf(response: IncomingMessage): Promise<string> {
  let text = ''
  response.setEncoding('utf8')
  for await (const chunk of response) {
    text += chunk
    if (text.length > ANSWER_BYTES_MAX) break
  }
  return text.slice(0, ANSWER_BYTES_MAX)
}
