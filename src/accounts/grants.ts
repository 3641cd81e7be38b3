import { type Refusal, refuse } from '../base/refusals.ts'
import { conversationRoleOf, scopesOf } from '../protocol/staff-roles.ts'
import { SCOPES, type StaffClaims } from '../protocol/tokens.ts'
import type { Account, AccountStore, ApiKey, Session, SessionHandle } from '../store/account-store.ts'
import { StoreUnavailable } from '../store/log-store.ts'
import type { SecretTexts } from './secret-text-node.ts'

/** What an API key begins with, so that people and programs know one when they see it. */
export const API_KEY_PREFIX = 'hfk_'

export interface GrantsPorts {
  readonly store: AccountStore
  readonly texts: SecretTexts
  readonly wallMs: () => number
}

/**
 * The one way in: a session or an API key is exchanged for the claims of a staff token, and everything else in Holdfast
 * knows staff tokens only.
 */
export class Grants {
  readonly #ports: GrantsPorts

  constructor(ports: GrantsPorts) {
    this.#ports = ports
  }

  /** Rejects where the store is away. */
  async ofSession(handle: SessionHandle): Promise<StaffClaims | Refusal> {
    const used = await this.#ports.store.touchSession(handle)
    return used ? claimsOfSession(used) : refuse('session-ended')
  }

  /** What a browser holds. */
  ofCookie(secret: string): Promise<StaffClaims | Refusal> {
    return this.ofSession({ hash: this.#ports.texts.hashOf(secret) })
  }

  /** Rejects where the store is away. */
  async ofApiKey(secret: string): Promise<StaffClaims | Refusal> {
    const key = await this.#ports.store.touchApiKey(this.#ports.texts.hashOf(secret))
    return key ? claimsOfKey(key) : refuse('token-invalid')
  }

  /**
   * The claims of a token that is to be renewed: never more than it had, nothing once its session or key is over. While
   * the store is away nobody can have ended it since: it goes on until its own end.
   */
  async renewed(claims: StaffClaims): Promise<StaffClaims | Refusal> {
    const { grant } = claims
    if (!grant) return claims
    try {
      if (grant.kind === 'key')
        return (await this.#ports.store.apiKeyIsGood(grant.id)) ? claims : refuse('session-ended')
      const present = await this.ofSession({ id: grant.id })
      if (present.kind === 'refused') return present
      return { ...claims, scopes: claims.scopes.filter((scope) => present.scopes.includes(scope)) }
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error
      return grant.endsAt !== undefined && grant.endsAt <= this.#ports.wallMs() ? refuse('session-ended') : claims
    }
  }
}

export function claimsOfSession({ session, account }: { session: Session; account: Account }): StaffClaims {
  return {
    kind: 'staff',
    subject: account.id,
    name: account.displayName,
    role: conversationRoleOf(account.roles),
    scopes: scopesOf(account.roles),
    grant: { kind: 'session', id: session.id, account: account.id, endsAt: session.endsAt },
  }
}

function claimsOfKey({ id, name, scopes, endsAt }: ApiKey): StaffClaims {
  return {
    kind: 'staff',
    subject: `key-${id}`,
    name,
    role: 'bot',
    scopes: SCOPES.filter((scope) => scopes.includes(scope)),
    grant: { kind: 'key', id, ...(endsAt !== undefined && { endsAt }) },
  }
}
