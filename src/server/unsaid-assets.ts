import type { Clock } from '../base/clock.ts'
import type { ConfigKeeper } from '../config/config-keeper.ts'
import type { AssetStore, UnsaidAsset } from '../store/asset-store.ts'

interface UnsaidAssetsPorts {
  readonly store: Pick<AssetStore, 'unsaidAssets'>
  readonly keeper: Pick<ConfigKeeper, 'configuration'>
  readonly clock: Pick<Clock, 'monotonicMs'>
}

const FRESH_MS = 60_000
const ANSWERS_MAX = 20

/**
 * Which assets nothing speaks of, for those who look at lists of them again and again: the store reads the whole history
 * of the configuration for it, so it is asked once a minute, and where the configuration or the assets are others.
 */
export class UnsaidAssets {
  readonly #ports: UnsaidAssetsPorts
  readonly #known = new Map<string, { readonly atMs: number; readonly answer: Promise<readonly UnsaidAsset[]> }>()

  constructor(ports: UnsaidAssetsPorts) {
    this.#ports = ports
  }

  /** Rejects where the store does. */
  of(files: readonly string[]): Promise<readonly UnsaidAsset[]> {
    const { store, keeper, clock } = this.#ports
    const key = [keeper.configuration().revision, ...files].join(' ')
    const known = this.#known.get(key)
    if (known && clock.monotonicMs() - known.atMs < FRESH_MS) return known.answer
    if (this.#known.size >= ANSWERS_MAX) this.forget()
    const answer = store.unsaidAssets(files)
    this.#known.set(key, { atMs: clock.monotonicMs(), answer })
    answer.catch(() => this.#known.delete(key))
    return answer
  }

  /** An asset was given or removed here. */
  forget(): void {
    this.#known.clear()
  }
}
