import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import { type Refusal, refuse } from '../base/refusals.ts'
import type { Account, AccountStore, Session, StoredRole } from '../store/account-store.ts'
import { IndefiniteOutcome } from '../store/log-store.ts'
import { LockOut } from './lock-out.ts'
import type { Passwords } from './password-hash-node.ts'
import { passwordFault } from './password-rule.ts'
import type { SecretTexts } from './secret-text-node.ts'

/** What of the configuration matters at the door. */
export interface SessionRules {
  /** Whether accounts may sign in by name and password. */
  readonly passwords: boolean
  readonly sessionHours: number
  readonly idleMinutes: number
}

export interface SignInPorts {
  readonly store: AccountStore
  readonly passwords: Passwords
  readonly texts: SecretTexts
  readonly random: Random
  readonly log: Log
  readonly rules: () => SessionRules
}

/** Who knocks. */
export interface Visit {
  readonly address: string
  readonly browser: string
}

/** Somebody is in: `secret` is for the browser alone. */
export interface SignedIn {
  readonly kind: 'signed-in'
  readonly secret: string
  readonly account: Account
  readonly sessionId: string
}

/** Somebody whom a provider vouches for. */
export interface Vouched {
  readonly identity: string
  /** As the provider would call the account. */
  readonly name: string
  readonly displayName: string
  readonly roles: readonly StoredRole[]
}

const SESSION_PREFIX = 'hfs_'
const BROWSER_LENGTH_MAX = 200
const NAMES_TRIED_MAX = 5
const VOID_LINK = refuse('sign-in-failed', {
  detail: 'The set-up link was used, is too old, or is none. A node prints one.',
})

/** Opens sessions: by password, by a provider's word, by the set-up link. */
export class SignIn {
  readonly #ports: SignInPorts
  readonly #lockOut: LockOut

  constructor(ports: SignInPorts) {
    this.#ports = ports
    this.#lockOut = new LockOut(ports.store, ports.texts)
  }

  async byPassword(name: string, password: string, visit: Visit): Promise<SignedIn | Refusal> {
    if (!this.#ports.rules().passwords)
      return refuse('not-allowed', { detail: 'Signing in by password is switched off here.' })
    const waitMs = await this.#lockOut.begin(name, visit.address)
    if (waitMs !== undefined) return tooOften(waitMs)
    const account = await this.#ports.store.account({ name })
    const outcome = await this.#ports.passwords.check(password, account?.disabled ? undefined : account?.passwordHash)
    if (outcome === 'busy') return refuse('rate-limited', { retryAfterMs: 1000 })
    if (outcome === 'wrong' || !account) return this.#failed(account, visit)
    await this.#lockOut.succeed(name, visit.address)
    await this.#renewHash(account, password)
    return this.#open(account, 'password', visit)
  }

  /** Makes the account at its first sign-in; its roles are at each sign-in what the provider says. */
  async byProvider(vouched: Vouched, visit: Visit): Promise<SignedIn | Refusal> {
    const { store, log } = this.#ports
    const known = await store.account({ identity: vouched.identity })
    if (known?.disabled) return refuse('sign-in-failed')
    if (vouched.roles.length === 0) {
      // What it had is taken from it; the last administrator is let nowhere, but stays.
      if (known) await store.changeAccount(known.id, { roles: [] })
      log.warn('Somebody whom the sign-in provider knows has no role here.', { name: vouched.name })
      return refuse('not-allowed', { detail: 'The sign-in provider gives you no role in Holdfast.' })
    }
    const account = known ?? (await this.#accountFor(vouched))
    if (!account) return refuse('account-taken')
    const { displayName, roles } = vouched
    const { kind } = await store.changeAccount(account.id, { displayName, roles })
    if (kind === 'last-admin') return refuse('last-admin')
    return this.#open({ ...account, displayName, roles }, 'provider', visit)
  }

  /** The first account of all, by the link that a node printed. */
  async bySetUp(
    link: string,
    { name, displayName, password }: { name: string; displayName: string; password: string },
    visit: Visit,
  ): Promise<SignedIn | Refusal> {
    const { store, passwords, texts, random } = this.#ports
    const fault = passwordFault(password, name)
    if (fault) return refuse('password-weak', { detail: fault })
    // A link cannot be guessed, so nobody is slowed down here; without a good one, hashing would be work for nothing.
    const hash = texts.hashOf(link)
    if (!(await store.setUpIsOffered(hash))) return VOID_LINK
    const draft = {
      id: random.id(),
      name,
      displayName,
      roles: ['admin'] as const,
      passwordHash: await passwords.hash(password),
    }
    const { kind } = await twice(() => store.setUp(hash, draft))
    if (kind === 'refused') return VOID_LINK
    const account = await store.account({ id: draft.id })
    return account ? this.#open(account, 'set-up', visit) : refuse('sign-in-failed')
  }

  /** The new password of somebody who knows the present one; the other sessions end. */
  async changeOwnPassword(
    accountId: string,
    { current, next }: { current: string; next: string },
    visit: Visit,
    keepSession: string,
  ): Promise<undefined | Refusal> {
    const { store, passwords } = this.#ports
    const account = await store.account({ id: accountId })
    if (!account) return refuse('unknown-account')
    const fault = passwordFault(next, account.name)
    if (fault) return refuse('password-weak', { detail: fault })
    const waitMs = await this.#lockOut.begin(account.name, visit.address)
    if (waitMs !== undefined) return tooOften(waitMs)
    const outcome = await passwords.check(current, account.passwordHash)
    if (outcome === 'busy') return refuse('rate-limited', { retryAfterMs: 1000 })
    if (outcome === 'wrong') return this.#failed(account, visit)
    await this.#lockOut.succeed(account.name, visit.address)
    await store.changeAccount(account.id, { passwordHash: await passwords.hash(next) }, keepSession)
    return undefined
  }

  /** A password that an administrator gives; all sessions end, and the account is let try again. */
  async givePassword(accountId: string, password: string): Promise<undefined | Refusal> {
    const { store, passwords } = this.#ports
    const account = await store.account({ id: accountId })
    if (!account) return refuse('unknown-account')
    const fault = passwordFault(password, account.name)
    if (fault) return refuse('password-weak', { detail: fault })
    await store.changeAccount(account.id, { passwordHash: await passwords.hash(password) })
    await this.#lockOut.forget(account.name)
    return undefined
  }

  /** A name that is none here is not told: people type their password there by mistake. */
  #failed(account: Account | undefined, { address }: Visit): Refusal {
    this.#ports.log.info('A sign-in failed.', { address, ...(account && { name: account.name }) })
    return refuse('sign-in-failed')
  }

  async #renewHash(account: Account, password: string): Promise<void> {
    const { store, passwords } = this.#ports
    if (account.passwordHash === undefined || !passwords.isOutdated(account.passwordHash)) return
    await store.renewPasswordHash(account.id, account.passwordHash, await passwords.hash(password))
  }

  async #accountFor({ identity, name, displayName, roles }: Vouched): Promise<Account | undefined> {
    const { store, random } = this.#ports
    const draft = { id: random.id(), displayName, roles, identity }
    // An account of the same name is somebody else's until an administrator says otherwise.
    for (let tried = 1; tried <= NAMES_TRIED_MAX; tried++) {
      const called = tried === 1 ? name : `${name}-${tried}`
      const { kind } = await twice(() => store.createAccount({ ...draft, name: called }))
      if (kind === 'created') return store.account({ id: draft.id })
    }
    return undefined
  }

  async #open(account: Account, via: Session['via'], { address, browser }: Visit): Promise<SignedIn> {
    const { store, texts, random, rules, log } = this.#ports
    const { text: secret, hash } = texts.make(SESSION_PREFIX)
    const { sessionHours, idleMinutes } = rules()
    const draft = {
      id: random.id(),
      hash,
      account: account.id,
      via,
      address,
      browser: browser.slice(0, BROWSER_LENGTH_MAX),
      lifetimeMs: sessionHours * 3_600_000,
      idleMs: idleMinutes * 60_000,
    }
    await twice(() => store.openSession(draft))
    log.info('Somebody signed in.', { name: account.name, via, address })
    return { kind: 'signed-in', secret, account, sessionId: draft.id }
  }
}

function tooOften(waitMs: number): Refusal {
  return refuse('rate-limited', { retryAfterMs: waitMs, detail: 'Too many attempts to sign in; wait a while.' })
}

/** What names itself may be sent again where nobody knows what became of it. */
async function twice<Result>(send: () => Promise<Result>): Promise<Result> {
  try {
    return await send()
  } catch (error) {
    if (!(error instanceof IndefiniteOutcome)) throw error
    return send()
  }
}
