import type { FastifyRequest } from 'fastify'
import { GRANT_TOKEN_MS } from '../accounts/ended-grants.ts'
import type { ConversationId } from '../base/ids.ts'
import type { TokenAnswer } from '../protocol/rest-answers.ts'
import type { Claims, Tokens, VisitorClaims } from '../protocol/tokens.ts'
import type { MemberRow } from '../store/log-store.ts'
import { socketAddress, socketAddresses } from './public-addresses.ts'

interface TokenDeskPorts {
  readonly tokens: Tokens
  readonly wallMs: () => number
  readonly members: () => readonly MemberRow[]
  /** The one address of the system, where an operator set it. */
  readonly publicUrl: string
  /** Other public addresses of the system. */
  readonly addresses: readonly string[]
  readonly ownUrl: () => string
  readonly visitorLifetimeMs: number
  readonly staffLifetimeMs: number
}

// Whose clock is behind that of the store still gives a token that can be used.
const SHORTEST_MS = 1000

/** What may be said of a visitor beside the conversation. */
interface VisitorWishes {
  readonly name?: string | undefined
  readonly subject?: string | undefined
  readonly topic?: string | undefined
  /** To be taken from those alone who vouch for the visitor: mail goes there. */
  readonly email?: string | undefined
}

/** Makes tokens and the answers around them. */
export class TokenDesk {
  readonly #ports: TokenDeskPorts

  constructor(ports: TokenDeskPorts) {
    this.#ports = ports
  }

  /** Where people reach the system. */
  publicUrl(): string {
    return this.#ports.publicUrl || this.#ports.ownUrl()
  }

  /** The visitor of a conversation: the same participant however often the token is made. */
  visitorOf(
    conversation: ConversationId,
    { name = 'Visitor', subject = `visitor-${conversation}`, topic, email }: VisitorWishes,
  ): VisitorClaims {
    const about = { ...(topic !== undefined && { topic }), ...(email !== undefined && { email }) }
    return { kind: 'visitor', subject, name, conversation, system: this.publicUrl(), ...about }
  }

  issue(claims: Claims, request: FastifyRequest, wantedMs = this.#lifetimeMs(claims)): TokenAnswer {
    // Ended sessions and keys are remembered for as long as tokens of them live.
    const grant = claims.kind === 'staff' ? claims.grant : undefined
    const leftMs = grant?.endsAt === undefined ? wantedMs : Math.max(SHORTEST_MS, grant.endsAt - this.#ports.wallMs())
    const lifetimeMs = grant ? Math.min(wantedMs, leftMs, GRANT_TOKEN_MS) : wantedMs
    return {
      token: this.#ports.tokens.issue(claims, lifetimeMs),
      expiresAt: this.#ports.wallMs() + lifetimeMs,
      ...(claims.kind === 'visitor' ? { conversation: claims.conversation } : {}),
      subject: claims.subject,
      name: claims.name,
      addresses: this.addresses(request),
    }
  }

  /** Socket addresses, the one that was asked first unless an operator set a public one. */
  addresses(request: FastifyRequest): readonly string[] {
    const known = socketAddresses(this.#ports, this.#ports.members())
    if (this.#ports.publicUrl) return known
    const own = socketAddress(this.#ports.ownUrl())
    const asked = socketAddress(`${request.protocol}://${request.host}`)
    return [...new Set([asked, ...known.filter((address) => address !== own)])]
  }

  #lifetimeMs(claims: Claims): number {
    return claims.kind === 'visitor' ? this.#ports.visitorLifetimeMs : this.#ports.staffLifetimeMs
  }
}
