import { type Cancel, type Clock, pause } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { ConfigStore, StoredConfig, StoredConfiguration } from '../store/config-store.ts'
import { type ConfigDocument, Configuration } from './configuration.ts'
import type { KindTable } from './kind-table.ts'

/** The last configuration that this node knew, kept where a restart finds it. Never rejects: at worst it forgets. */
export interface ConfigCache {
  read(): Promise<StoredConfiguration | undefined>
  write(configuration: StoredConfiguration): Promise<void>
}

export interface ConfigKeeperPorts {
  readonly clock: Clock
  readonly log: Log
  readonly store: Pick<ConfigStore, 'configuration' | 'configRevision'>
  readonly cache: ConfigCache
  readonly kinds: KindTable
  /** A short name for a text that no other text has. */
  readonly digest: (text: string) => string
}

// Well below the two seconds within which every node runs what was stored.
const ASK_MS = 500
// A node that starts while the database is away begins with what it knew.
const START_PATIENCE_MS = 2000

/**
 * Keeps this node at the newest configuration: asks the store all the time, remembers what it was told, and tells
 * whoever runs by it. While the store is away the last known configuration holds, over restarts too.
 */
export class ConfigKeeper {
  readonly #ports: ConfigKeeperPorts
  readonly #listeners: ((configuration: Configuration) => void)[] = []
  #configuration = new Configuration(0)
  #digest: string
  #known: 'from-store' | 'last-known' | 'nothing' = 'nothing'
  #asking: Promise<void> | undefined
  #cancel: Cancel = () => {}
  #stopped = false

  constructor(ports: ConfigKeeperPorts) {
    this.#ports = ports
    this.#digest = this.#digestOf([])
  }

  /** Resolves with the newest configuration, or with the last known one when the store does not answer in time. */
  async start(): Promise<void> {
    const { cache, clock, log } = this.#ports
    await Promise.race([this.refresh(), pause(clock, START_PATIENCE_MS)])
    if (this.#known === 'nothing') {
      const lastKnown = await cache.read()
      if (lastKnown && this.#known === 'nothing') {
        this.#apply(lastKnown)
        this.#known = 'last-known'
        log.warn('The store does not answer; the last known configuration holds.', { revision: lastKnown.revision })
      }
    }
    this.#arm()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  /** What this node runs. */
  configuration(): Configuration {
    return this.#configuration
  }

  /** Of all documents as they are stored: nodes with the same digest run the same configuration. */
  get digest(): string {
    return this.#digest
  }

  /** Where it comes from; `nothing`: the store has not been heard and there is no memory of it. */
  get known(): 'from-store' | 'last-known' | 'nothing' {
    return this.#known
  }

  /** Told of each new configuration, and of the present one at once. */
  onChange(listener: (configuration: Configuration) => void): void {
    this.#listeners.push(listener)
    listener(this.#configuration)
  }

  /** Looks for news now. Never rejects. */
  refresh(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  #arm(): void {
    if (this.#stopped) return
    this.#cancel = this.#ports.clock.after(ASK_MS, () => void this.refresh().then(() => this.#arm()))
  }

  async #ask(): Promise<void> {
    const { store, cache, log } = this.#ports
    try {
      const revision = await store.configRevision()
      if (this.#known === 'from-store' && revision === this.#configuration.revision) return
      const stored = await store.configuration()
      if (this.#stopped) return
      this.#apply(stored)
      this.#known = 'from-store'
      await cache.write(stored)
    } catch (error) {
      log.debug('The configuration could not be read; the last known one holds.', { error })
    }
  }

  #apply(stored: StoredConfiguration): void {
    const documents = stored.documents.flatMap((document) => this.#judged(document) ?? [])
    this.#configuration = new Configuration(stored.revision, documents)
    this.#digest = this.#digestOf(stored.documents)
    this.#ports.log.decision('configure', `Configuration ${stored.revision} holds here, digest ${this.#digest}.`)
    for (const listener of this.#listeners) listener(this.#configuration)
  }

  /**
   * What another version wrote and this one does not understand changes nothing here: a kind that is unknown is left
   * alone, a document that does not fit keeps the last form that did.
   */
  #judged({ name, revision, body }: StoredConfig): ConfigDocument | undefined {
    const { kinds, log } = this.#ports
    const kind = kinds.of(name)
    if (!kind) return undefined
    const value: unknown = JSON.parse(body)
    const [fault] = kinds.judge(kind, value)
    if (!fault) return { name, revision, value: value as ConfigDocument['value'] }
    log.warn('A configuration document is not understood; its last form holds.', { name, revision, ...fault })
    return this.#configuration.document(name)
  }

  #digestOf(documents: readonly StoredConfig[]): string {
    return this.#ports.digest(documents.map(({ name, body }) => `${name}\n${body}\n`).join(''))
  }
}
