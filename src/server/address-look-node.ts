import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import { get as getPlain } from 'node:http'
import { get as getSecure } from 'node:https'
import { isIP } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'
import type { ReachAnswer } from '../protocol/set-up-answers.ts'
import type { AddressLook, ShownThere } from './set-up-decision.ts'

/** Looks where an address leads. Never rejects: whatever goes wrong is what was found. */
export type LookAt = (url: string, wanted: ReachAnswer) => Promise<AddressLook>

const PATIENCE_MS = 3000
const ANSWER_BYTES_MAX = 4096

/** Asks the name servers for the host of `url`, and whoever answers there for the name of the cluster. */
export const lookAtAddress = async (
  url: string,
  wanted: ReachAnswer,
  patienceMs: number = PATIENCE_MS,
): Promise<AddressLook> => {
  // An earlier version stored what only looked like an address.
  if (!URL.canParse(url)) return { addresses: [], reached: 'nobody', reason: 'it is no address' }
  const { hostname } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  const addresses = await addressesOf(host)
  if (addresses.length === 0) return { addresses, reached: 'nobody', reason: 'the name is not known' }
  return { addresses, ...(await reach(new URL(`/api/set-up/reach/${wanted.nonce}`, url), wanted, patienceMs)) }
}

async function addressesOf(host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host]
  const late = new AbortController()
  // A name server that does not answer is asked for much longer than anybody waits at a page.
  const nothing = pause<readonly LookupAddress[]>(PATIENCE_MS, [], { signal: late.signal, ref: false }).catch(() => [])
  try {
    const found = await Promise.race([lookup(host, { all: true }), nothing])
    return [...new Set(found.map(({ address }) => address))]
  } catch {
    return []
  } finally {
    late.abort()
  }
}

function reach(url: URL, wanted: ReachAnswer, patienceMs: number): Promise<Omit<AddressLook, 'addresses'>> {
  const secure = url.protocol === 'https:'
  // Whoever answers is not believed, only looked at: what it shows is told, and nothing secret is said to it.
  const options = { agent: false, headers: { accept: 'application/json' } }
  return new Promise((resolve) => {
    const request = secure ? getSecure(url, { ...options, rejectUnauthorized: false }) : getPlain(url, options)
    const nobody = (reason: string) => {
      resolve({ reached: 'nobody', reason })
      request.destroy()
    }
    // In all: who says a byte now and then is no longer waited for than who is silent.
    const late = setTimeout(() => nobody(`no answer within ${patienceMs / 1000} s`), patienceMs)
    let answers = false
    request.once('close', () => {
      clearTimeout(late)
      // Who wants to speak another protocol ends without an error and without an answer.
      if (!answers) nobody('it answers as no web server does')
    })
    request.once('error', (error: NodeJS.ErrnoException) => nobody(error.code ?? 'the connection failed'))
    request.once('response', async (response) => {
      answers = true
      const shown = secure ? shownBy(response.socket as TLSSocket) : undefined
      const { statusCode = 0, headers } = response
      let text = ''
      try {
        for await (const chunk of response.setEncoding('utf8')) {
          text += chunk
          if (text.length > ANSWER_BYTES_MAX) break
        }
      } catch {
        return nobody('the answer broke off')
      }
      resolve({
        ...answered(text, wanted, statusCode, headers.location !== undefined),
        ...(shown && { shown }),
      })
    })
  })
}

function answered(
  text: string,
  { cluster, nonce }: ReachAnswer,
  status: number,
  redirects: boolean,
): Pick<AddressLook, 'reached' | 'reason'> {
  const answer = parsed(text)
  if (answer?.nonce === nonce && answer.cluster === cluster) return { reached: 'this cluster', reason: '' }
  const another = answer?.nonce === nonce && typeof answer.cluster === 'string'
  const what = another ? 'another Holdfast cluster' : `it answers ${status}${redirects ? ' and leads elsewhere' : ''}`
  return { reached: 'another', reason: what }
}

function parsed(text: string): Partial<ReachAnswer> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function shownBy(socket: TLSSocket): ShownThere {
  const { fingerprint256 = '', subjectaltname = '' } = socket.getPeerCertificate()
  const names = subjectaltname
    .split(', ')
    .map((name) => name.replace(/^[A-Za-z ]+:/, ''))
    .filter(Boolean)
  const error = socket.authorizationError as Error | string | undefined | null
  const reason = error instanceof Error ? error.message : (error ?? '')
  return {
    trusted: socket.authorized,
    reason: REASONS[reason] ?? reason,
    fingerprint: fingerprint256.replaceAll(':', '').toLowerCase(),
    names,
  }
}

/** What OpenSSL calls it, and what people do. */
const REASONS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it signed itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'nobody here knows who signed it',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its chain is not whole',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'nobody here knows who signed it',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another name',
  CERT_HAS_EXPIRED: 'it has ended',
}
