import type { TokenAnswer } from './rest-answers.ts'
import type { AccountRole } from './staff-roles.ts'
import type { Scope } from './tokens.ts'

/** `GET /api/sign-in`: the ways in. */
export interface SignInAnswer {
  readonly passwords: boolean
  /** The sign-in provider, where there is one. */
  readonly provider?: { readonly title: string; readonly path: string }
}

/** Of `POST /api/session`, `/api/session/set-up` and `/api/session/token`: a staff token for this page. */
export interface SessionAnswer extends TokenAnswer {
  readonly scopes: readonly Scope[]
  readonly session: string
  readonly sessionEndsAt: number
}

export interface AccountRow {
  readonly id: string
  readonly name: string
  readonly displayName: string
  readonly roles: readonly AccountRole[]
  readonly disabled: boolean
  /** How it may sign in. */
  readonly password: boolean
  readonly provider: boolean
  readonly madeAt: number
  /** When a page of it was last open; absent: never. */
  readonly seenAt?: number
}

/** `GET /api/accounts`. */
export interface AccountsAnswer {
  readonly accounts: readonly AccountRow[]
}

export interface SessionRow {
  readonly id: string
  readonly via: 'password' | 'provider' | 'set-up'
  readonly address: string
  readonly browser: string
  readonly madeAt: number
  readonly seenAt: number
  readonly endsAt: number
  /** The one that asks. */
  readonly present: boolean
}

/** `GET /api/accounts/:id/sessions`. */
export interface SessionsAnswer {
  readonly sessions: readonly SessionRow[]
}

export interface ApiKeyRow {
  readonly id: string
  readonly name: string
  readonly scopes: readonly string[]
  readonly madeBy: string
  readonly madeAt: number
  readonly usedAt?: number
  readonly endsAt?: number
  readonly revokedAt?: number
}

/** `GET /api/api-keys`. */
export interface ApiKeysAnswer {
  readonly keys: readonly ApiKeyRow[]
}

/** `POST /api/api-keys`: the only time that the key itself is told. */
export interface ApiKeyMadeAnswer extends ApiKeyRow {
  readonly key: string
}
