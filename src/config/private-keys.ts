import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { DocumentStore } from '../store/document-store.ts'
import { masterKeysOf } from './master-key-node.ts'
import { SecretBox } from './secret-box-node.ts'
import { SecretVault, type VaultSealed } from './secret-vault-node.ts'

/** A private key as earlier versions held it: in the document of whatever it belongs to, sealed by the cluster's secret. */
export interface OldForm {
  readonly sealed: string
  readonly purpose: string
}

/** A document that held private keys before they moved into the vault. */
export interface KeyHolder {
  readonly document: string
  /** The keys that its body holds in the old form, by the names that they have in the vault. */
  oldKeys(body: string): readonly (OldForm & { readonly name: string })[]
  /** The same body without them. */
  withoutOldKeys(body: string): string
}

/** No master key of this node opens the vault, so nothing can be put into it. */
export class VaultClosed extends Error {
  override readonly name = 'VaultClosed'
}

/**
 * The private keys of the cluster: of its authority, its tokens, its certificate, its account at an authority. They are
 * secrets like any other, under names that operators cannot give.
 */
export class PrivateKeys {
  readonly #vault: Pick<SecretVault, 'readKey' | 'refreshKeys' | 'keepKey' | 'dropKeys'>
  readonly #box: SecretBox

  /** `secret`: the cluster's, which sealed what earlier versions wrote. */
  constructor(options: {
    readonly vault: Pick<SecretVault, 'readKey' | 'refreshKeys' | 'keepKey' | 'dropKeys'>
    readonly secret: string
  }) {
    this.#vault = options.vault
    this.#box = new SecretBox(options.secret)
  }

  /** PEM; `undefined`: nothing of this node opens it, or it is not there. Rejects where the store does. */
  async open(name: string, old?: OldForm): Promise<string | undefined> {
    return (await this.openOld(old)) ?? (await this.#vault.readKey(name))
  }

  /** What an earlier version wrote is as good as ever for as long as it stands there. */
  async openOld(old: OldForm | undefined): Promise<string | undefined> {
    return old && this.#box.open(old.sealed, old.purpose)
  }

  keep(name: string, key: string): Promise<{ kind: 'set' } | VaultSealed> {
    return this.#vault.keepKey(name, key)
  }

  drop(names: readonly string[]): Promise<void> {
    return this.#vault.dropKeys(names)
  }

  /** Reads what is in the vault now, so that it is known while the store is away. Rejects where the store does. */
  refresh(): Promise<void> {
    return this.#vault.refreshKeys()
  }

  /** For nodes of an earlier version, which still run beside this one. */
  sealOld(key: string, purpose: string): Promise<string> {
    return this.#box.seal(key, purpose)
  }
}

interface Access {
  readonly documents: DocumentStore
  readonly secret: string
  /** Where the three settings of the master key are looked for. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  readonly log: Log
}

/** For a command beside the nodes: the vault as a node with this environment opens it. Throws with a sentence. */
export async function privateKeysOf({ documents, secret, env, clock, log }: Access): Promise<PrivateKeys> {
  const settings = {
    masterKey: env.HOLDFAST_MASTER_KEY ?? '',
    masterKeyFile: env.HOLDFAST_MASTER_KEY_FILE ?? '',
    masterKeyCommand: env.HOLDFAST_MASTER_KEY_COMMAND ?? '',
  }
  const masterKeys = await masterKeysOf(settings, secret)
  if (masterKeys.kind === 'no-master-key') throw new Error(masterKeys.reason)
  return new PrivateKeys({ vault: new SecretVault({ documents, masterKeys: masterKeys.keys, clock, log }), secret })
}
