import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { isIP } from 'node:net'
import { type Clock, pause } from '../base/clock.ts'

/** What an authority said no to, or did not say in time; the message is one sentence for the operator. */
export class AcmeFault extends Error {
  override readonly name = 'AcmeFault'
}

/** A text by which the authority sees that we serve a name: at `/.well-known/acme-challenge/<token>`. */
export interface AcmeChallenge {
  readonly token: string
  readonly keyAuthorization: string
}

export interface AcmeClientOptions {
  readonly clock: Clock
  /** Where the authority describes itself, such as `https://acme-v02.api.letsencrypt.org/directory`. */
  readonly directory: string
  /** PEM; made by `accountKey`. */
  readonly accountKey: string
}

interface Directory {
  readonly newNonce: string
  readonly newAccount: string
  readonly newOrder: string
}

interface Order {
  readonly status: 'pending' | 'ready' | 'processing' | 'valid' | 'invalid'
  readonly authorizations: readonly string[]
  readonly finalize: string
  readonly certificate?: string
  readonly error?: Problem
}

interface Authorization {
  readonly status: 'pending' | 'valid' | 'invalid' | 'deactivated' | 'expired' | 'revoked'
  readonly identifier: { readonly value: string }
  readonly challenges: readonly { type: string; url: string; token?: string; error?: Problem }[]
}

interface Problem {
  readonly type?: string
  readonly detail?: string
}

interface Answer<Body> {
  readonly body: Body
  readonly text: string
  readonly location: string
  /** Seconds that the authority asks us to wait. */
  readonly retryAfter: number
}

const REQUEST_PATIENCE_MS = 30_000
/** Authorities look from several places, which takes them some seconds; past this they have given up. */
const ORDER_PATIENCE_MS = 180_000
const POLL_MS = 1000
const POLL_MS_MAX = 30_000
// A nonce may have been used up by time alone; the answer brings the next one.
const NONCE_ATTEMPTS = 8

/** A new key for an account. */
export function accountKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** Speaks ACME (RFC 8555) to an authority, as far as certificates proved by HTTP-01 need it. */
export class AcmeClient {
  readonly #options: AcmeClientOptions
  readonly #jwk: { readonly crv: string; readonly kty: string; readonly x: string; readonly y: string }
  #directory: Directory | undefined
  #account = ''
  #nonce = ''

  constructor(options: AcmeClientOptions) {
    this.#options = options
    const { crv = '', kty = '', x = '', y = '' } = createPublicKey(options.accountKey).export({ format: 'jwk' })
    this.#jwk = { crv, kty, x, y }
  }

  /** Finds the account of the key, or opens one; the operator has agreed to the terms of the authority. */
  async register(email: string): Promise<void> {
    const { newAccount } = await this.#find()
    const contact = email ? [`mailto:${email}`] : []
    const { location } = await this.#post(newAccount, { termsOfServiceAgreed: true, contact })
    this.#account = location
  }

  /**
   * A certificate chain in PEM for `names`. `publish` resolves once every node answers to the challenges; `request`
   * makes the certificate request, in DER, and is called when all names are proved.
   */
  async order(
    names: readonly string[],
    {
      publish,
      request,
    }: {
      readonly publish: (challenges: readonly AcmeChallenge[]) => Promise<void>
      readonly request: () => Promise<Uint8Array>
    },
  ): Promise<string> {
    const { newOrder } = await this.#find()
    const untilMs = this.#options.clock.monotonicMs() + ORDER_PATIENCE_MS
    const identifiers = names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }))
    const { body: order, location } = await this.#post<Order>(newOrder, { identifiers })
    await this.#prove(order.authorizations, publish, untilMs)
    await this.#poll<Order>(location, untilMs, ({ status }) => status === 'ready' || status === 'valid')
    const csr = Buffer.from(await request()).toString('base64url')
    await this.#post<Order>(order.finalize, { csr })
    const done = await this.#poll<Order>(location, untilMs, ({ status }) => status === 'valid')
    if (!done.certificate) throw new AcmeFault('The authority did not say where the certificate is.')
    return (await this.#post(done.certificate)).text
  }

  async #prove(
    authorizations: readonly string[],
    publish: (challenges: readonly AcmeChallenge[]) => Promise<void>,
    untilMs: number,
  ): Promise<void> {
    const asked: { url: string; challengeUrl: string; challenge: AcmeChallenge }[] = []
    for (const url of authorizations) {
      const { body } = await this.#post<Authorization>(url)
      if (body.status === 'valid') continue
      const { url: challengeUrl, token } = body.challenges.find(({ type }) => type === 'http-01') ?? {}
      if (!challengeUrl || !token)
        throw new AcmeFault(`The authority offers no HTTP-01 for ${body.identifier.value}; wildcards need DNS-01.`)
      asked.push({ url, challengeUrl, challenge: { token, keyAuthorization: `${token}.${this.#thumbprint()}` } })
    }
    await publish(asked.map(({ challenge }) => challenge))
    for (const { challengeUrl } of asked) await this.#post(challengeUrl, {})
    for (const { url } of asked) await this.#poll<Authorization>(url, untilMs, ({ status }) => status === 'valid')
  }

  /** RFC 7638: the names of the fields in the order of their letters, nothing between. */
  #thumbprint(): string {
    return createHash('sha256').update(JSON.stringify(this.#jwk)).digest('base64url')
  }

  async #poll<Body extends Order | Authorization>(
    url: string,
    untilMs: number,
    isDone: (body: Body) => boolean,
  ): Promise<Body> {
    const { clock } = this.#options
    for (;;) {
      const { body, retryAfter } = await this.#post<Body>(url)
      if (isDone(body)) return body
      if (!['pending', 'ready', 'processing'].includes(body.status)) throw new AcmeFault(faultIn(body))
      if (clock.monotonicMs() >= untilMs)
        throw new AcmeFault(`The authority did not finish in time; it says "${body.status}".`)
      await pause(clock, Math.min(Math.max(POLL_MS, retryAfter * 1000), POLL_MS_MAX))
    }
  }

  async #find(): Promise<Directory> {
    if (this.#directory) return this.#directory
    const response = await this.#fetch(this.#options.directory, { method: 'GET' })
    const directory = (await response.json().catch(() => undefined)) as Directory | undefined
    if (!response.ok || !directory?.newNonce || !directory.newAccount || !directory.newOrder)
      throw new AcmeFault(`There is no ACME authority at ${this.#options.directory}.`)
    this.#directory = directory
    return directory
  }

  /** Signs and sends; without a payload it only asks. Rejects with what the authority says where it refuses. */
  async #post<Body>(url: string, payload?: object): Promise<Answer<Body>> {
    for (let attempt = 1; ; attempt++) {
      if (!this.#nonce) await this.#fetch((await this.#find()).newNonce, { method: 'HEAD' })
      const response = await this.#fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/jose+json' },
        body: this.#signed(url, payload),
      })
      const text = await response.text()
      if (response.ok)
        return {
          body: (response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : undefined) as Body,
          text,
          location: response.headers.get('location') ?? '',
          retryAfter: Number(response.headers.get('retry-after')) || 0,
        }
      const problem = problemIn(text)
      if (problem.type?.endsWith(':badNonce') && attempt < NONCE_ATTEMPTS) continue
      throw new AcmeFault(`The authority refused: ${sentenceOf(problem, `HTTP ${response.status}`)}`)
    }
  }

  #signed(url: string, payload: object | undefined): string {
    const who = this.#account ? { kid: this.#account } : { jwk: this.#jwk }
    const protectedPart = encoded(JSON.stringify({ alg: 'ES256', nonce: this.#nonce, url, ...who }))
    this.#nonce = ''
    const payloadPart = payload === undefined ? '' : encoded(JSON.stringify(payload))
    const key = { key: createPrivateKey(this.#options.accountKey), dsaEncoding: 'ieee-p1363' } as const
    const signature = sign('sha256', Buffer.from(`${protectedPart}.${payloadPart}`), key).toString('base64url')
    return JSON.stringify({ protected: protectedPart, payload: payloadPart, signature })
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    try {
      const response = await fetch(url, { ...init, signal: AbortSignal.timeout(REQUEST_PATIENCE_MS) })
      this.#nonce = response.headers.get('replay-nonce') ?? this.#nonce
      return response
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
      throw new AcmeFault(
        `The authority at ${this.#options.directory} does not answer: ${cause instanceof Error ? cause.message : cause}.`,
      )
    }
  }
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64url')
}

function problemIn(text: string): Problem {
  try {
    return JSON.parse(text) as Problem
  } catch {
    return {}
  }
}

function sentenceOf({ detail, type }: Problem, otherwise: string): string {
  return `${(detail ?? type ?? otherwise).replace(/\.$/, '')}.`
}

function faultIn(body: Order | Authorization): string {
  if ('error' in body && body.error) return `The order failed: ${sentenceOf(body.error, body.status)}`
  if (!('challenges' in body)) return `The order is ${body.status}.`
  const problem = body.challenges.find(({ error }) => error)?.error
  return `${body.identifier.value} could not be proved: ${sentenceOf(problem ?? {}, body.status)}`
}
