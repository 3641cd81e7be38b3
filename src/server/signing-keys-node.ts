import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createDecoder, createSigner, createVerifier } from 'fast-jwt'
import { assert } from '../base/assertion.ts'
import { type Cancel, type Clock, every } from '../base/clock.ts'
import { isId } from '../base/ids.ts'
import type { Log } from '../base/log.ts'
import { type KeyHolder, type OldForm, type PrivateKeys, VaultClosed } from '../config/private-keys.ts'
import { ROLES } from '../conversation/event.ts'
import { type Claims, type Grant, SCOPES, type Tokens, type TokenVerdict } from '../protocol/tokens.ts'
import type { Document, DocumentStore } from '../store/document-store.ts'

interface SigningKeysOptions {
  readonly documents: DocumentStore
  /** Only who can open them can sign. */
  readonly keys: PrivateKeys
  /** `publicUrl`: who issued a token, and whom it is for. */
  readonly publicUrl: string
  /** What other nodes of the cluster may be called there: not all of them need be started with the same address. */
  readonly alsoCalled?: () => readonly string[]
  readonly clock: Clock
  readonly log: Log
  readonly pollMs?: number
  /** A new key is made when the newest one is this old. A token must not live longer. */
  readonly rotateEveryMs?: number
}

interface StoredKey {
  readonly kid: string
  /** Milliseconds since 1970 by the clock of the node that made it; only for judging its age in days. */
  readonly madeAt: number
  /** SPKI, PEM. */
  readonly publicKey: string
  /** Of an earlier version, or for one that still runs. */
  readonly sealedPrivateKey?: string
}

interface Key extends StoredKey {
  readonly verify: (token: string) => unknown
  readonly sign: (payload: object) => string
  /** When this node first saw it, on its monotonic clock; the first key ever may sign at once. */
  readonly seenAtMs: number
}

const DOCUMENT = 'signing-keys'
const PURPOSE = 'a key that signs tokens'
/** Where an earlier version left them. */
export const SIGNING_KEYS: KeyHolder = {
  document: DOCUMENT,
  oldKeys: (body) =>
    storedIn({ body }).flatMap((stored) => {
      const old = oldFormOf(stored)
      return old ? [{ name: keyNameOf(stored), ...old }] : []
    }),
  withoutOldKeys: (body) =>
    JSON.stringify({ keys: storedIn({ body }).map((stored) => ({ ...stored, sealedPrivateKey: undefined })) }),
}
const ALGORITHM = 'EdDSA'
const POLL_MS = 30_000
const DAY_MS = 24 * 60 * 60 * 1000
/** The newest, the one before it whose tokens still live, and one in reserve. */
const KEYS_KEPT = 3
/** However many tokens with unknown keys come, the store is asked no more often. */
const REFRESH_MS_MIN = 1000
const PUT_ATTEMPTS = 5

/**
 * The tokens of this system: JWT by EdDSA, with keys that all nodes share and that change by themselves. A key signs
 * only after every node has had two polls to see it; until a node has seen a key, its tokens are `unknown-key`.
 */
export class SigningKeys implements Tokens {
  readonly #options: SigningKeysOptions
  readonly #pollMs: number
  readonly #rotateEveryMs: number
  readonly #decode = createDecoder({ complete: true })
  /** By kid, oldest first: the allow list. */
  #keys = new Map<string, Key>()
  #version = 0
  #refreshing: Promise<boolean> | undefined
  #refreshedAtMs = Number.NEGATIVE_INFINITY
  #cancelPoll: Cancel = () => {}

  constructor(options: SigningKeysOptions) {
    this.#options = options
    this.#pollMs = options.pollMs ?? POLL_MS
    this.#rotateEveryMs = options.rotateEveryMs ?? 30 * DAY_MS
  }

  /** Reads the keys, makes the first one where there is none, and keeps looking. Rejects where the store is away. */
  async start(): Promise<void> {
    this.#install(await this.#options.documents.document(DOCUMENT).then((document) => this.#opened(document)))
    if (this.#keys.size === 0) await this.rotate()
    this.#cancelPoll = every(this.#options.clock, this.#pollMs, () => void this.#poll())
  }

  stop(): void {
    this.#cancelPoll()
  }

  verify(token: string, graceMs = 0): TokenVerdict {
    const key = this.#keyOf(token)
    if (key === 'malformed') return { kind: 'bad', code: 'token-invalid' }
    if (key === 'unknown') return { kind: 'unknown-key' }
    const payload = verified(key, token)
    const claims = payload && claimsIn(payload)
    if (!payload || !claims || typeof payload.exp !== 'number' || !this.#isOurs(payload))
      return { kind: 'bad', code: 'token-invalid' }
    const expiresAtMs = payload.exp * 1000
    if (expiresAtMs + graceMs <= this.#options.clock.wallMs()) return { kind: 'bad', code: 'token-expired' }
    return { kind: 'good', claims, expiresAtMs }
  }

  /** Issued by this cluster for this cluster, whatever the node that did is called. */
  #isOurs({ iss, aud }: Readonly<Record<string, unknown>>): boolean {
    const { publicUrl, alsoCalled } = this.#options
    return iss === aud && [publicUrl, ...(alsoCalled?.() ?? [])].some((name) => name !== '' && name === iss)
  }

  issue(claims: Claims, lifetimeMs: number): string {
    assert(lifetimeMs <= this.#rotateEveryMs, 'a token must not outlive the key that signed it')
    const key = this.#signingKey()
    assert(key, 'tokens are issued only after start')
    const { subject, ...rest } = claims
    const iat = Math.floor(this.#options.clock.wallMs() / 1000)
    const { publicUrl } = this.#options
    return key.sign({
      ...rest,
      sub: subject,
      iss: publicUrl,
      aud: publicUrl,
      iat,
      exp: iat + Math.ceil(lifetimeMs / 1000),
    })
  }

  async refreshKeys(): Promise<boolean> {
    if (this.#options.clock.monotonicMs() - this.#refreshedAtMs < REFRESH_MS_MIN) return true
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined
    })
    return this.#refreshing
  }

  /** Publishes a new key, which signs once every node had the time to see it, and retires the oldest. */
  async rotate(): Promise<void> {
    const { documents, clock, log, keys: vault } = this.#options
    const { made, privateKey } = this.#makeKey()
    // The private part first: there is never a key without one.
    const kept = await vault.keep(keyNameOf(made), privateKey)
    if (kept.kind === 'sealed') throw new VaultClosed(kept.reason)
    for (let attempt = 0; attempt < PUT_ATTEMPTS; attempt++) {
      const document = await documents.document(DOCUMENT)
      const stored = storedIn(document)
      const newest = stored.at(-1)
      // Another node was quicker; one new key is enough.
      if (newest && newest.madeAt > this.#newestMadeAt()) {
        await vault.drop([keyNameOf(made)])
        return this.#install(await this.#opened(document))
      }
      const asBefore = newest && oldFormOf(newest) && { sealedPrivateKey: await vault.sealOld(privateKey, PURPOSE) }
      const keys = [...stored, { ...made, ...asBefore }].slice(-KEYS_KEPT)
      const put = await documents.putDocument(DOCUMENT, JSON.stringify({ keys }), document?.version ?? 0)
      if (put.kind === 'conflict') continue
      log.decision('rotate', `A new signing key was published; ${keys.length} are good now.`, { kid: made.kid })
      this.#install(await this.#opened({ name: DOCUMENT, version: put.version, body: JSON.stringify({ keys }) }))
      return vault.drop(stored.slice(0, Math.max(0, stored.length + 1 - KEYS_KEPT)).map(keyNameOf))
    }
    log.warn('The signing keys changed too often to add another one; trying again later.', { at: clock.wallMs() })
    await vault.drop([keyNameOf(made)])
  }

  async #poll(): Promise<void> {
    if (!(await this.#refresh())) return
    if (this.#options.clock.wallMs() - this.#newestMadeAt() >= this.#rotateEveryMs) await this.rotate().catch(() => {})
  }

  async #refresh(): Promise<boolean> {
    try {
      this.#install(await this.#opened(await this.#options.documents.document(DOCUMENT)))
      this.#refreshedAtMs = this.#options.clock.monotonicMs()
      return true
    } catch (error) {
      this.#options.log.debug('The signing keys could not be read.', { error: String(error) })
      return false
    }
  }

  #newestMadeAt(): number {
    return [...this.#keys.values()].at(-1)?.madeAt ?? 0
  }

  /** The newest one that every node must have seen; on a node that has just started, the one before the newest. */
  #signingKey(): Key | undefined {
    const settledBefore = this.#options.clock.monotonicMs() - 2 * this.#pollMs
    const keys = [...this.#keys.values()]
    return keys.findLast(({ seenAtMs }) => seenAtMs <= settledBefore) ?? keys.at(-2) ?? keys[0]
  }

  #keyOf(token: string): Key | 'malformed' | 'unknown' {
    try {
      const { header } = this.#decode(token) as { header: Record<string, unknown> }
      if (header.alg !== ALGORITHM || typeof header.kid !== 'string' || !isKid(header.kid)) return 'malformed'
      return this.#keys.get(header.kid) ?? 'unknown'
    } catch {
      return 'malformed'
    }
  }

  #makeKey(): { readonly made: StoredKey; readonly privateKey: string } {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519', {
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    })
    const kid = randomBytes(8).toString('hex')
    return { made: { kid, madeAt: this.#options.clock.wallMs(), publicKey }, privateKey }
  }

  async #opened(document: Document | undefined): Promise<{ version: number; keys: readonly Key[] }> {
    const keys = await Promise.all(storedIn(document).map((stored) => this.#keys.get(stored.kid) ?? this.#open(stored)))
    return { version: document?.version ?? 0, keys: keys.filter((key) => key !== undefined) }
  }

  async #open(stored: StoredKey): Promise<Key | undefined> {
    const privateKey = await this.#options.keys.open(keyNameOf(stored), oldFormOf(stored))
    if (privateKey === undefined) {
      this.#options.log.error('A signing key cannot be opened here; it is not used.', { kid: stored.kid })
      return undefined
    }
    const { clock } = this.#options
    return {
      ...stored,
      seenAtMs: clock.monotonicMs(),
      sign: createSigner({ key: privateKey, algorithm: ALGORITHM, kid: stored.kid }),
      verify: createVerifier({
        key: stored.publicKey,
        algorithms: [ALGORITHM],
        requiredClaims: ['iss', 'aud', 'sub', 'exp', 'iat'],
        // Judged here, by the injected clock.
        ignoreExpiration: true,
      }),
    }
  }

  /** Reads may overtake each other; an older state never replaces a newer one. */
  #install({ version, keys }: { version: number; keys: readonly Key[] }): void {
    if (version < this.#version) return
    this.#version = version
    this.#keys = new Map(keys.map((key) => [key.kid, this.#keys.get(key.kid) ?? key]))
  }
}

function storedIn(document: Pick<Document, 'body'> | undefined): readonly StoredKey[] {
  return document ? (JSON.parse(document.body) as { keys: readonly StoredKey[] }).keys : []
}

function keyNameOf({ kid }: Pick<StoredKey, 'kid'>): string {
  return `key/token-${kid}`
}

function oldFormOf({ sealedPrivateKey: sealed }: StoredKey): OldForm | undefined {
  return sealed === undefined ? undefined : { sealed, purpose: PURPOSE }
}

function isKid(text: string): boolean {
  return /^[0-9a-f]{16}$/.test(text)
}

function verified(key: Key, token: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return key.verify(token) as Record<string, unknown>
  } catch {
    return undefined
  }
}

/** Signed is not the same as well formed: another version may have signed it. */
function claimsIn(payload: Readonly<Record<string, unknown>>): Claims | undefined {
  const { kind, sub: subject, name, conversation, system, topic, email, role, scopes, grant } = payload
  if (typeof subject !== 'string' || typeof name !== 'string') return undefined
  if (kind === 'visitor' && typeof conversation === 'string' && isId(conversation) && typeof system === 'string') {
    const about = { ...(typeof topic === 'string' && { topic }), ...(typeof email === 'string' && { email }) }
    return { kind, subject, name, conversation, system, ...about }
  }
  const known = ROLES.find((each) => each === role)
  if (kind !== 'staff' || known === undefined || known === 'visitor' || !Array.isArray(scopes)) return undefined
  const claims = { kind, subject, name, role: known, scopes: SCOPES.filter((scope) => scopes.includes(scope)) } as const
  if (grant === undefined) return claims
  const readable = grantIn(grant)
  return readable && { ...claims, grant: readable }
}

/** A grant that cannot be read cannot be looked for among the ended ones: such a token is none. */
function grantIn(value: unknown): Grant | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { kind, id, account, endsAt } = value as Readonly<Record<string, unknown>>
  if ((kind !== 'session' && kind !== 'key') || typeof id !== 'string') return undefined
  return {
    kind,
    id,
    ...(typeof account === 'string' && { account }),
    ...(typeof endsAt === 'number' && { endsAt }),
  }
}
