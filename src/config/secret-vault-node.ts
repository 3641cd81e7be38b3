import { randomBytes } from 'node:crypto'
import { assert } from '../base/assertion.ts'
import type { Cancel, Clock } from '../base/clock.ts'
import { within } from '../base/deadline.ts'
import type { Log } from '../base/log.ts'
import type { DocumentStore } from '../store/document-store.ts'
import { IndefiniteOutcome, StoreUnavailable } from '../store/log-store.ts'
import { decrypt, encrypt } from './aes-gcm-node.ts'
import type { HiddenTexts } from './hidden-texts.ts'
import { SecretBox } from './secret-box-node.ts'
import {
  PRIVATE_KEY_NAME,
  SECRET_NAME,
  type StoredDataKey,
  type StoredSecret,
  type StoredSecrets,
  withSecret,
} from './stored-secrets.ts'

/** How other parts ask for a secret. */
export interface Secrets {
  /** The text; `undefined` where there is none, or this node cannot open it (which the log says). Rejects while nothing is known. */
  read(name: string): Promise<string | undefined>
}

interface SecretVaultOptions {
  readonly documents: DocumentStore
  /** The first one seals, each of them opens. */
  readonly masterKeys: readonly string[]
  readonly clock: Clock
  readonly log: Log
  /** Is told each secret that is read or set here. */
  readonly hidden?: HiddenTexts
}

/** What may be told of secrets: that they are there. */
interface SecretList {
  /** Those that operators set. */
  readonly secrets: readonly { readonly name: string; readonly changedAt: number }[]
  /**
   * Absent before anything was sealed. `masterKeys`: by how many it is sealed, two while they change. `privateKeys`: how
   * many keys of the cluster's own it seals.
   */
  readonly dataKey?: {
    readonly id: string
    readonly madeAt: number
    readonly masterKeys: number
    readonly privateKeys: number
  }
}

/** Whether the master keys of a node open what the newest one seals, only what an earlier one seals, or nothing. */
type MasterKeyState = 'newest' | 'earlier' | 'none' | 'no-secrets'

/** The master key of this node is not the one that is needed. */
export interface VaultSealed {
  readonly kind: 'sealed'
  readonly reason: string
}

const DOCUMENT = 'secrets'
const KEY_BYTES = 32
const KEY_ID_BYTES = 6
// Within two seconds of a change every node reads the new text, however often it reads.
const REFRESH_MS = 1000
// A store that hangs is one that is away: what was read last is read again.
const PATIENCE_MS = 1500
const ATTEMPTS_MAX = 10
const AGAIN_MS = 5000

/**
 * The secrets of the cluster: texts that are sealed by a data key, which is sealed by the master keys. The store never
 * sees any of them, and nothing but `read` gives one away.
 */
export class SecretVault implements Secrets {
  readonly #options: SecretVaultOptions
  readonly #boxes: readonly SecretBox[]
  #stored: StoredSecrets | undefined
  #version = -1
  #opened: { readonly id: string; readonly key: Buffer } | undefined
  #refreshing: Promise<void> | undefined
  #cancel: Cancel = () => {}
  #stopped = false
  #refreshedAtMs = Number.NEGATIVE_INFINITY

  constructor(options: SecretVaultOptions) {
    assert(options.masterKeys.length > 0, 'a vault needs a master key')
    this.#options = options
    this.#boxes = options.masterKeys.map((masterKey) => new SecretBox(masterKey))
  }

  /**
   * Seals the data key by this node's master key, too, where only an earlier one has sealed it: from then on nodes that
   * know only the new one can read. Never rejects: while the store is away it is tried again and again.
   */
  async start(): Promise<void> {
    try {
      await this.#introduce()
    } catch (error) {
      const { log, clock } = this.#options
      log.debug('Whether the secrets can be opened is not known yet.', { error })
      if (!this.#stopped) this.#cancel = clock.after(AGAIN_MS, () => void this.start())
    }
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  async #introduce(): Promise<void> {
    const outcome = await this.#change(async (stored) => {
      if (!stored) return { answer: 'none' as const }
      const openers = await this.#openers(stored.dataKey)
      if (openers.includes(0)) return { answer: 'known' as const }
      const key = await this.#keyOf(stored.dataKey)
      if (!key) return { answer: 'sealed' as const }
      const sealed = [...stored.dataKey.sealed, await this.#sealKey(0, key, stored.dataKey.id)]
      return { answer: 'added' as const, stored: { ...stored, dataKey: { ...stored.dataKey, sealed } } }
    })
    const { log } = this.#options
    if (outcome === 'added') log.decision('seal', 'The secrets can be opened by the new master key from now on, too.')
    if (outcome === 'sealed') log.error(`The secrets cannot be read here: ${SEALED.reason}`)
  }

  async read(name: string): Promise<string | undefined> {
    await this.#refresh()
    // Whoever may name a secret, say in a document, gets no private key by it.
    const secret = this.#stored?.secrets.find((each) => each.name === name && SECRET_NAME.test(name))
    return this.#stored && secret && this.#open(this.#stored, secret)
  }

  /** A private key never changes under its name, so the store is asked only for one that is not known yet. */
  async readKey(name: string): Promise<string | undefined> {
    const find = () => this.#stored?.secrets.find((each) => each.name === name)
    // Asked anew: an answer that was under way already may be from before it was put there.
    if (!find()) await this.#ask()
    const secret = find()
    return this.#stored && secret && this.#open(this.#stored, secret)
  }

  /** Reads them all anew, which what is remembered of the store follows. */
  refreshKeys(): Promise<void> {
    return this.#ask()
  }

  async #open(stored: StoredSecrets, secret: StoredSecret): Promise<string | undefined> {
    const key = await this.#keyOf(stored.dataKey)
    const text = key && openSecret(key, secret)
    if (text === undefined)
      this.#options.log.error(
        `The secret ${secret.name} cannot be read here${key ? '; it was changed by others than us.' : `: ${SEALED.reason}`}`,
      )
    else this.#options.hidden?.add(text)
    return text
  }

  async list(): Promise<SecretList> {
    await this.#refresh()
    if (!this.#stored) return { secrets: [] }
    const { dataKey, secrets } = this.#stored
    const { id, madeAt, sealed } = dataKey
    const set = secrets.filter(({ name }) => !PRIVATE_KEY_NAME.test(name))
    return {
      secrets: set.map(({ name, changedAt }) => ({ name, changedAt })),
      dataKey: { id, madeAt, masterKeys: sealed.length, privateKeys: secrets.length - set.length },
    }
  }

  /** What this node's master keys are worth: after the earlier ones are retired only `newest` still opens. */
  async masterKeyState(): Promise<MasterKeyState> {
    await this.#refresh()
    if (!this.#stored) return 'no-secrets'
    const openers = await this.#openers(this.#stored.dataKey)
    if (openers.at(-1) !== undefined) return 'newest'
    return openers.some((opener) => opener !== undefined) ? 'earlier' : 'none'
  }

  /** `existed`: whether another text was there before. */
  set(name: string, text: string): Promise<{ kind: 'set'; existed: boolean } | VaultSealed> {
    assert(SECRET_NAME.test(name), `"${name}" is no name for a secret`)
    return this.#keep(name, text)
  }

  keepKey(name: string, text: string): Promise<{ kind: 'set' } | VaultSealed> {
    assert(PRIVATE_KEY_NAME.test(name), `"${name}" is no name for a private key`)
    return this.#keep(name, text)
  }

  async #keep(name: string, text: string): Promise<{ kind: 'set'; existed: boolean } | VaultSealed> {
    this.#options.hidden?.add(text)
    return this.#change<{ kind: 'set'; existed: boolean } | VaultSealed>(async (present) => {
      const lost = present?.secrets.length === 0 && !(await this.#keyOf(present.dataKey))
      // Where the master key was lost and all that it sealed was removed, one begins anew.
      const stored = present && !lost ? present : { dataKey: await this.#makeKey([0]), secrets: [] }
      const key = await this.#keyOf(stored.dataKey)
      if (!key) return { answer: SEALED }
      const existed = stored.secrets.some((each) => each.name === name)
      const secret = sealSecret(key, name, text, this.#options.clock.wallMs())
      return { answer: { kind: 'set', existed }, stored: { ...stored, secrets: withSecret(stored.secrets, secret) } }
    })
  }

  /** Needs no key: what cannot be read any more can still be removed. */
  async remove(name: string): Promise<'removed' | 'unknown'> {
    return this.#change(async (stored) => {
      if (!stored?.secrets.some((each) => each.name === name)) return { answer: 'unknown' }
      const secrets = stored.secrets.filter((each) => each.name !== name)
      return { answer: 'removed', stored: { ...stored, secrets } }
    })
  }

  /** Those that nothing refers to any more; what is not there is gone already. */
  async dropKeys(names: readonly string[]): Promise<void> {
    return this.#change<void>(async (stored) => {
      if (!stored?.secrets.some(({ name }) => names.includes(name))) return { answer: undefined }
      const secrets = stored.secrets.filter(({ name }) => !names.includes(name))
      return { answer: undefined, stored: { ...stored, secrets } }
    })
  }

  /**
   * Seals everything by a new data key, in one step. The new key is sealed by each master key that the old one was sealed
   * by; `retire`: by this node's master key alone, so that earlier ones open nothing any more.
   */
  async rotate({ retire }: { retire: boolean }): Promise<{ kind: 'rotated' } | VaultSealed> {
    return this.#change<{ kind: 'rotated' } | VaultSealed>(async (stored) => {
      if (!stored) return { answer: { kind: 'rotated' } }
      const [openers, old] = [await this.#openers(stored.dataKey), await this.#keyOf(stored.dataKey)]
      if (!old) return { answer: SEALED }
      if (retire && openers.at(-1) !== 0) return { answer: EARLIER }
      if (!retire && openers.includes(undefined)) return { answer: UNKNOWN_MASTER_KEY }
      const dataKey = await this.#makeKey(retire ? [0] : openers.filter((opener) => opener !== undefined))
      const key = await this.#keyOf(dataKey)
      const secrets = stored.secrets.map((secret) => {
        const text = openSecret(old, secret)
        // What cannot be read is kept as it is: a rotation is no reason to lose the rest.
        return text === undefined || !key ? secret : sealSecret(key, secret.name, text, secret.changedAt)
      })
      return { answer: { kind: 'rotated' }, stored: { dataKey, secrets } }
    })
  }

  /** Reads what is stored, works out what shall be stored, and stores it if nobody else was quicker. */
  async #change<Answer>(
    step: (stored: StoredSecrets | undefined) => Promise<{ readonly answer: Answer; readonly stored?: StoredSecrets }>,
  ): Promise<Answer> {
    const { documents } = this.#options
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      const document = await documents.document(DOCUMENT)
      const present = document && (JSON.parse(document.body) as StoredSecrets)
      if (document && present) this.#install(document.version, present)
      const { answer, stored } = await step(present)
      if (!stored) return answer
      const body = JSON.stringify(stored)
      const version = await this.#put(body, document?.version ?? 0)
      if (version === undefined) continue
      this.#install(version, stored)
      return answer
    }
    throw new StoreUnavailable('The secrets are changed by others all the time.')
  }

  /** The version that was stored; `undefined`: somebody else was quicker. */
  async #put(body: string, expect: number): Promise<number | undefined> {
    const { documents } = this.#options
    try {
      const put = await documents.putDocument(DOCUMENT, body, expect)
      return put.kind === 'stored' ? put.version : undefined
    } catch (error) {
      if (!(error instanceof IndefiniteOutcome)) throw error
      // Sealing never gives the same text twice: what is there to the letter is ours.
      const found = await documents.document(DOCUMENT)
      return found?.body === body ? found.version : undefined
    }
  }

  async #refresh(): Promise<void> {
    const { clock } = this.#options
    if (clock.monotonicMs() - this.#refreshedAtMs < REFRESH_MS) return
    this.#refreshing ??= this.#ask().finally(() => {
      this.#refreshing = undefined
    })
    if (this.#version < 0) return this.#refreshing
    const failed = (error: unknown) => this.#options.log.debug('The secrets that are known hold.', { error })
    await within(clock, PATIENCE_MS, this.#refreshing.catch(failed), undefined)
  }

  async #ask(): Promise<void> {
    const { documents, clock } = this.#options
    const document = await documents.document(DOCUMENT)
    this.#refreshedAtMs = clock.monotonicMs()
    if (document) this.#install(document.version, JSON.parse(document.body) as StoredSecrets)
    else this.#version = Math.max(this.#version, 0)
  }

  /** Reads may overtake each other; an older state never replaces a newer one. */
  #install(version: number, stored: StoredSecrets): void {
    if (version < this.#version) return
    this.#version = version
    this.#stored = stored
  }

  /** A new data key, sealed by some of the master keys, the newest last. */
  async #makeKey(openers: readonly number[]): Promise<StoredDataKey> {
    const [key, id] = [randomBytes(KEY_BYTES), randomBytes(KEY_ID_BYTES).toString('hex')]
    const sealed = await Promise.all(openers.map((opener) => this.#sealKey(opener, key, id)))
    return { id, madeAt: this.#options.clock.wallMs(), sealed }
  }

  #sealKey(opener: number, key: Buffer, id: string): Promise<string> {
    const box = this.#boxes[opener]
    assert(box, 'only a known master key seals')
    return box.seal(key.toString('base64'), purposeOf(id))
  }

  async #keyOf({ id, sealed }: StoredDataKey): Promise<Buffer | undefined> {
    if (this.#opened?.id === id) return this.#opened.key
    for (const box of this.#boxes)
      for (const text of sealed.toReversed()) {
        const opened = await box.open(text, purposeOf(id))
        if (opened === undefined) continue
        const key = Buffer.from(opened, 'base64')
        this.#opened = { id, key }
        return key
      }
    return undefined
  }

  /** For each sealed form of the data key, which of the master keys opens it. */
  #openers({ id, sealed }: StoredDataKey): Promise<readonly (number | undefined)[]> {
    return Promise.all(
      sealed.map(async (text) => {
        for (const [index, box] of this.#boxes.entries())
          if ((await box.open(text, purposeOf(id))) !== undefined) return index
        return undefined
      }),
    )
  }
}

const SEALED: VaultSealed = {
  kind: 'sealed',
  reason: 'No master key of this node opens the secrets; give it the one that the other nodes have.',
}
const EARLIER: VaultSealed = {
  kind: 'sealed',
  reason: 'The master key of this node is not the newest one; ask a node that was given the newest.',
}
const UNKNOWN_MASTER_KEY: VaultSealed = {
  kind: 'sealed',
  reason:
    'The secrets are sealed by another master key, too, which this node does not know. Ask a node that knows both, or retire the others.',
}

function purposeOf(id: string): string {
  return `data key ${id}`
}

function sealSecret(key: Buffer, name: string, text: string, changedAt: number): StoredSecret {
  return { name, changedAt, sealed: encrypt(key, text, `secret ${name}`).toString('base64') }
}

function openSecret(key: Buffer, { name, sealed }: StoredSecret): string | undefined {
  return decrypt(key, Buffer.from(sealed, 'base64'), `secret ${name}`)
}
