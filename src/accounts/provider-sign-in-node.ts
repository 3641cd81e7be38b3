import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { type Refusal, refuse } from '../base/refusals.ts'
import { type ProviderRules, vouchedBy } from './provider-claims.ts'
import type { Vouched } from './sign-in.ts'

export interface ProviderSignInPorts {
  readonly clock: Clock
  readonly log: Log
  readonly rules: () => ProviderRules
  /** A secret by its name, as it is now. */
  readonly secret: (name: string) => Promise<string | undefined>
}

/** What a browser keeps while its person is at the provider; only with it the answer is worth something. */
interface Flow {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  /** The page to show afterwards. */
  readonly to: string
}

const SECRET = 'sign-in-client'
const TIMEOUT_SECONDS = 10
// Keys are looked up by the library as they change; addresses of a provider hardly ever do.
const DISCOVERED_FOR_MS = 60 * 60_000

/**
 * Signing in by an OpenID Connect provider: authorisation code with PKCE, state and nonce. What is remembered between
 * leaving and coming back is in the browser's cookie, so that any edge can take the answer.
 */
export class ProviderSignIn {
  readonly #ports: ProviderSignInPorts
  #discovered: { readonly of: string; readonly untilMs: number; readonly provider: Promise<Configuration> } | undefined

  constructor(ports: ProviderSignInPorts) {
    this.#ports = ports
  }

  /** Where to send the browser, and what it keeps meanwhile. */
  async begin(redirectUri: string, to: string): Promise<{ kind: 'go'; url: string; flow: string } | Refusal> {
    const provider = await this.#provider()
    if ('code' in provider) return provider
    const flow: Flow = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier(), to }
    const url = buildAuthorizationUrl(provider, {
      redirect_uri: redirectUri,
      scope: this.#ports.rules().scope,
      state: flow.state,
      nonce: flow.nonce,
      code_challenge: await calculatePKCECodeChallenge(flow.verifier),
      code_challenge_method: 'S256',
    })
    return { kind: 'go', url: url.href, flow: Buffer.from(JSON.stringify(flow)).toString('base64url') }
  }

  /** What the provider says of who came back; `query` as the browser brought it. */
  async finish(
    redirectUri: string,
    query: string,
    kept: string | undefined,
  ): Promise<{ kind: 'vouched'; person: Vouched; to: string } | Refusal> {
    const flow = flowIn(kept)
    if (!flow) return refuse('sign-in-failed', { detail: 'This sign-in was not begun here, or too long ago.' })
    const provider = await this.#provider()
    if ('code' in provider) return provider
    try {
      const tokens = await authorizationCodeGrant(provider, new URL(`${redirectUri}?${query}`), {
        pkceCodeVerifier: flow.verifier,
        expectedState: flow.state,
        expectedNonce: flow.nonce,
        idTokenExpected: true,
      })
      const claims = tokens.claims()
      if (!claims) return refuse('sign-in-failed')
      const more = provider.serverMetadata().userinfo_endpoint
        ? await fetchUserInfo(provider, tokens.access_token, claims.sub)
        : {}
      const person = vouchedBy({ ...more, ...claims }, this.#ports.rules())
      return person ? { kind: 'vouched', person, to: flow.to } : refuse('sign-in-failed')
    } catch (error) {
      this.#ports.log.warn('The sign-in provider did not vouch for somebody.', { error: sentenceOf(error) })
      return refuse('sign-in-failed', { detail: 'The sign-in provider did not vouch for you.' })
    }
  }

  async #provider(): Promise<Configuration | Refusal> {
    const { rules, secret, clock, log } = this.#ports
    const { issuer, clientId } = rules()
    if (!issuer) return refuse('unknown-account', { detail: 'There is no sign-in provider.' })
    const clientSecret = await secret(SECRET)
    const of = JSON.stringify([issuer, clientId, clientSecret])
    if (this.#discovered?.of !== of || this.#discovered.untilMs < clock.monotonicMs()) {
      const url = new URL(issuer)
      const provider = discovery(url, clientId, clientSecret, undefined, {
        timeout: TIMEOUT_SECONDS,
        // The schema of the configuration allows http on this machine alone.
        ...(url.protocol === 'http:' && { execute: [allowInsecureRequests] }),
      })
      this.#discovered = { of, untilMs: clock.monotonicMs() + DISCOVERED_FOR_MS, provider }
    }
    try {
      return await this.#discovered.provider
    } catch (error) {
      this.#discovered = undefined
      log.warn('The sign-in provider does not answer.', { issuer, error: sentenceOf(error) })
      return refuse('sign-in-failed', { detail: 'The sign-in provider does not answer.' })
    }
  }
}

/** Errors of the library carry answers of the provider; only their sentence is for the log. */
function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown'
}

function flowIn(kept: string | undefined): Flow | undefined {
  try {
    const { state, nonce, verifier, to } = JSON.parse(Buffer.from(kept ?? '', 'base64url').toString()) as Flow
    const whole = [state, nonce, verifier, to].every((part) => typeof part === 'string' && part !== '')
    return whole ? { state, nonce, verifier, to } : undefined
  } catch {
    return undefined
  }
}
