import { type Cancel, type Clock, every } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import { type AssetStore, assetWords, COLLECTED_MAX } from '../store/asset-store.ts'
import { assetFileIn } from './asset-file.ts'
import type { ConfigKeeper } from './config-keeper.ts'
import type { Configuration } from './configuration.ts'

export interface AssetUpkeepPorts {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly store: Pick<AssetStore, 'collectAssets' | 'assetNamed'>
  readonly keeper: Pick<ConfigKeeper, 'onChange' | 'configuration'>
  readonly cache: { hold(file: string): Promise<void>; forgetGone(): Promise<void> }
}

const HOUR_MS = 3_600_000
/** So long an asset stays that nothing speaks of: time to write the document that does. */
export const UNSAID_MS = 24 * HOUR_MS

/**
 * Has on this node's disk what the configuration speaks of before anybody asks for it, so that it is there while the
 * store is away; and removes what nothing speaks of any more. Every node does both: none is needed for it.
 */
export class AssetUpkeep {
  readonly #ports: AssetUpkeepPorts
  #holding: Promise<void> = Promise.resolve()
  #cancel: Cancel = () => {}
  #stopped = false

  constructor(ports: AssetUpkeepPorts) {
    this.#ports = ports
  }

  start(): void {
    const { clock, random, keeper } = this.#ports
    keeper.onChange((configuration) => this.#hold(configuration))
    // Nodes that started together do not collect together.
    const periodMs = HOUR_MS * (1 + random.fraction() / 4)
    this.#cancel = every(clock, periodMs, () => {
      this.#hold(keeper.configuration())
      void this.#tidy().catch((error: unknown) =>
        this.#ports.log.debug('Assets could not be collected now.', { error }),
      )
    })
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  /** Removes what nothing speaks of. Answers which files went; rejects like the store. */
  async collect(): Promise<readonly string[]> {
    const { store, log } = this.#ports
    const gone: string[] = []
    for (;;) {
      const files = await store.collectAssets(UNSAID_MS)
      gone.push(...files)
      if (files.length < COLLECTED_MAX) break
    }
    if (gone.length > 0)
      log.decision('collect', `${gone.length} assets are gone that no document spoke of for a day.`, { files: gone })
    return gone
  }

  async #tidy(): Promise<void> {
    await this.collect()
    await this.#ports.cache.forgetGone()
  }

  /** Resolves when all that was to be fetched is, or could not be. */
  settled(): Promise<void> {
    return this.#holding
  }

  #hold(configuration: Configuration): void {
    const texts = configuration.documents().map(({ value }) => JSON.stringify(value))
    const words = new Set(texts.flatMap(assetWords))
    this.#holding = this.#holding.then(async () => {
      for (const word of words) {
        if (this.#stopped) return
        await this.#holdWord(word).catch((error: unknown) =>
          this.#ports.log.debug('An asset could not be fetched before it is asked for.', { word, error }),
        )
      }
    })
  }

  async #holdWord(word: string): Promise<void> {
    const { store, cache } = this.#ports
    const file = assetFileIn(word) ? word : (await store.assetNamed(word))?.file
    if (file !== undefined) await cache.hold(file)
  }
}
