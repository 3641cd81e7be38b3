import { createHash } from 'node:crypto'
import { assert } from '../base/assertion.ts'
import { type Cancel, type Clock, every } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Document, DocumentStore } from '../store/document-store.ts'
import { AcmeChallenges } from './acme-challenges.ts'
import { AcmeClient, AcmeFault, accountKey } from './acme-client-node.ts'
import { certificateRequest, chainFacts, factsOf, splitChain } from './certificate-chain-node.ts'
import { judgeCertificate } from './certificate-decision.ts'
import type { CertificateKeeper } from './certificate-keeper.ts'
import type { CertificateVault, PublicCertificate } from './certificate-vault-node.ts'
import { type KeyHolder, type OldForm, type PrivateKeys, VaultClosed } from './private-keys.ts'
import { ATTEMPT_MS, afterFailure, decideRenewal, type IssueProgress, type IssueWish } from './renewal-decision.ts'

export interface CertificateRenewerPorts {
  readonly clock: Clock
  readonly log: Log
  readonly documents: DocumentStore
  readonly keys: PrivateKeys
  readonly node: string
  readonly vault: CertificateVault
  readonly keeper: CertificateKeeper
  /** Speaks to an authority by the key of an account; tests give another one. */
  readonly authority?: (directory: string, accountKey: string) => Pick<AcmeClient, 'register' | 'order'>
}

/** How an issue goes, for operators. */
export interface IssueStatus extends IssueWish {
  /** `waiting`: it is about to begin, or failed and is tried again. */
  readonly state: 'issuing' | 'issued' | 'waiting' | 'failed'
  readonly sentence: string
}

const DOCUMENT = 'acme'
const PURPOSE = 'the key of the account at a certificate authority'
const EVERY_MS = 60_000
const PUT_ATTEMPTS = 5

interface Account {
  readonly directory: string
  /** Of an earlier version. */
  readonly sealedKey?: string
}

interface AcmeState {
  readonly wish: IssueWish
  readonly progress: IssueProgress
  readonly account?: Account
}

/** Where an earlier version left the key of the account. */
export const ACCOUNT_KEYS: KeyHolder = {
  document: DOCUMENT,
  oldKeys(body) {
    const { account } = JSON.parse(body) as AcmeState
    const old = oldFormOf(account)
    return account && old ? [{ name: keyNameOf(account), ...old }] : []
  },
  withoutOldKeys(body) {
    const state = JSON.parse(body) as AcmeState
    return JSON.stringify({ ...state, account: { ...state.account, sealedKey: undefined } })
  },
}

const FRESH: IssueProgress = { failures: 0, nextAtMs: 0 }

/**
 * Has certificates issued and renewed by an authority. All nodes look, one at a time is at it: who first writes its
 * attempt into the shared document, until the attempt's time is over. That time is by the nodes' own clocks, because
 * certificates are; clocks that differ cost a second order, never a wrong certificate.
 */
export class CertificateRenewer {
  readonly challenges: AcmeChallenges
  readonly #ports: CertificateRenewerPorts
  #looking: Promise<void> | undefined
  #cancel: Cancel = () => {}

  constructor(ports: CertificateRenewerPorts) {
    this.#ports = ports
    this.challenges = new AcmeChallenges({ documents: ports.documents, wallMs: () => ports.clock.wallMs() })
  }

  start(): void {
    this.#cancel = every(this.#ports.clock, EVERY_MS, () => void this.look())
  }

  /** What is under way goes on to its end by itself; nothing new begins. */
  stop(): void {
    this.#cancel()
  }

  /** Asks for a certificate, now and for ever after. Rejects where the store does. */
  async wish(wish: IssueWish): Promise<void> {
    await this.#change((state) => ({ ...state, wish, progress: FRESH }))
    void this.look()
  }

  /** `undefined`: nobody asked for a certificate. Rejects where the store does. */
  async status(): Promise<IssueStatus | undefined> {
    const state = stateIn(await this.#ports.documents.document(DOCUMENT))
    if (!state) return undefined
    const { wish, progress } = state
    const decision = this.#decide(state)
    const sentence = decision.act === 'rest' ? decision.sentence : decision.reason
    const { attempt, fulfilled, lastFault } = progress
    if (attempt && attempt.untilMs > this.#ports.clock.wallMs()) return { ...wish, state: 'issuing', sentence }
    if (lastFault !== undefined) return { ...wish, state: 'failed', sentence }
    return { ...wish, state: fulfilled === wish.at ? 'issued' : 'waiting', sentence }
  }

  /** Looks whether a certificate is due, and has it issued. Never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#look()
      .catch((error) => this.#ports.log.debug('Whether a certificate is due is not known.', { error: String(error) }))
      .finally(() => {
        this.#looking = undefined
      })
    return this.#looking
  }

  async #look(): Promise<void> {
    const { clock, documents, keeper, log, node } = this.#ports
    const document = await documents.document(DOCUMENT)
    const state = stateIn(document)
    if (!document || !state) return
    // What another node has had issued since is not due.
    await keeper.refresh()
    const decision = this.#decide(state)
    if (decision.act === 'rest') return
    const attempt = { node, untilMs: clock.wallMs() + ATTEMPT_MS }
    const body: AcmeState = { ...state, progress: { ...state.progress, attempt } }
    const put = await documents.putDocument(DOCUMENT, JSON.stringify(body), document.version)
    // Another node is at it.
    if (put.kind === 'conflict') return
    log.decision('issue', decision.reason, { names: state.wish.names })
    await this.#attempt(state)
  }

  async #attempt(state: AcmeState): Promise<void> {
    const { clock, log } = this.#ports
    const { wish } = state
    const account = await this.#account(state).catch(async (error) => {
      await this.#giveBack(error)
      throw error
    })
    try {
      await this.#issue(wish, account.key)
      await this.#finish(wish, account.stored, () => ({ ...FRESH, fulfilled: wish.at }))
    } catch (error) {
      const fault = error instanceof Error ? error.message : String(error)
      if (!(error instanceof AcmeFault)) log.error('A certificate could not be issued.', { error })
      log.decision('issue-failed', `No certificate was issued: ${fault}`, { names: wish.names })
      await this.#finish(wish, account.stored, (progress) => afterFailure(progress, fault, clock.wallMs()))
    }
  }

  /** Another node may be able to do what this one is not. */
  async #giveBack(error: unknown): Promise<void> {
    const { log, node } = this.#ports
    log.error('This node cannot have a certificate issued; another one may.', { error })
    await this.#change((state) => {
      assert(state, 'an attempt is made only at what was wished for')
      const { attempt, ...progress } = state.progress
      return attempt?.node === node ? { ...state, progress } : state
    })
  }

  async #issue({ directory, email, names }: IssueWish, key: string): Promise<void> {
    const { clock, vault, authority } = this.#ports
    const client = authority?.(directory, key) ?? new AcmeClient({ clock, directory, accountKey: key })
    await client.register(email)
    const before = (await vault.document())?.version ?? 0
    const tokens: string[] = []
    const made = await certificateRequest(names)
    const pem = await client
      .order(names, {
        publish: async (challenges) => {
          tokens.push(...challenges.map(({ token }) => token))
          await this.challenges.publish(challenges)
        },
        request: async () => made.request,
      })
      .finally(() => this.challenges.withdraw(tokens))
    await this.#store({ chain: splitChain(pem), key: made.key }, { directory, names, before })
  }

  async #store(
    issued: Pick<PublicCertificate, 'chain' | 'key'>,
    { directory, names, before }: { directory: string; names: readonly string[]; before: number },
  ): Promise<void> {
    const { clock, log, vault, keeper } = this.#ports
    const faults = judgeCertificate(chainFacts(issued), { hosts: names, nowMs: clock.wallMs() })
    const unfit = faults.filter(({ gravity }) => gravity === 'unfit')
    if (unfit.length > 0) throw new AcmeFault(unfit.map(({ sentence }) => sentence).join(' '))
    const by = new URL(directory).host
    if (!(await vault.store({ ...issued, source: 'issued', by, at: clock.wallMs() }, before)))
      log.decision('issue', 'Another certificate was stored meanwhile; that one holds.')
    await keeper.refresh()
  }

  /** The account is kept whatever became of the order: authorities limit how many are opened. */
  async #finish(wish: IssueWish, account: Account, next: (progress: IssueProgress) => IssueProgress): Promise<void> {
    await this.#change((state) => {
      const wished = state?.wish ?? wish
      // Somebody wished for something else meanwhile, which begins afresh.
      const progress = wished.at === wish.at ? next(state?.progress ?? FRESH) : FRESH
      return { wish: wished, progress, account }
    })
  }

  async #account({ wish, account }: AcmeState): Promise<{ key: string; stored: Account }> {
    const { keys } = this.#ports
    const stored = account?.directory === wish.directory ? account : { directory: wish.directory }
    // Also one of long ago: authorities limit how many accounts are opened.
    const known = await keys.open(keyNameOf(stored), oldFormOf(stored))
    if (known !== undefined) return { key: known, stored }
    const key = accountKey()
    const kept = await keys.keep(keyNameOf(stored), key)
    if (kept.kind === 'sealed') throw new VaultClosed(kept.reason)
    return { key, stored: { directory: wish.directory } }
  }

  #decide({ wish, progress }: AcmeState) {
    const shown = this.#ports.keeper.certificate()
    const own = shown?.chain[0]
    const certificate = shown && own ? { source: shown.source, facts: factsOf(own) } : undefined
    return decideRenewal({ wish, progress, certificate, nowMs: this.#ports.clock.wallMs() })
  }

  async #change(edit: (state: AcmeState | undefined) => AcmeState): Promise<void> {
    const { documents } = this.#ports
    for (let attempt = 1; attempt <= PUT_ATTEMPTS; attempt++) {
      const document = await documents.document(DOCUMENT)
      const body = JSON.stringify(edit(stateIn(document)))
      const put = await documents.putDocument(DOCUMENT, body, document?.version ?? 0)
      if (put.kind === 'stored') return
    }
    throw new Error('What is known of the authority was changed by too many at once.')
  }
}

function stateIn(document: Document | undefined): AcmeState | undefined {
  return document && (JSON.parse(document.body) as AcmeState)
}

function keyNameOf({ directory }: Account): string {
  return `key/acme-${createHash('sha256').update(directory).digest('hex').slice(0, 32)}`
}

function oldFormOf(account: Account | undefined): OldForm | undefined {
  return account?.sealedKey === undefined ? undefined : { sealed: account.sealedKey, purpose: PURPOSE }
}
