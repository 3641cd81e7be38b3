import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import { AssetCache } from '../config/asset-cache-node.ts'
import { AssetIntake } from '../config/asset-intake-node.ts'
import { AssetUpkeep } from '../config/asset-upkeep.ts'
import type { ConfigKeeper } from '../config/config-keeper.ts'
import { ImageEncoder } from '../config/image-encoder-node.ts'
import type { AssetStore } from '../store/asset-store.ts'

/** Everything about assets on one node. */
export interface AssetShelf {
  readonly store: AssetStore
  readonly intake: AssetIntake
  readonly cache: AssetCache
  readonly upkeep: AssetUpkeep
  /** The largest file that is taken. */
  readonly bytesMax: number
  stop(): void
}

export interface AssetShelfOptions {
  readonly store: AssetStore
  readonly keeper: ConfigKeeper
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly dataDir: string
  readonly limits: { readonly assetBytes: number; readonly assetCacheBytes: number }
}

/** Puts it together; `cache.start()` and `upkeep.start()` make it run. */
export function assetShelf({ dataDir, limits, ...ports }: AssetShelfOptions): AssetShelf {
  const { store } = ports
  const folder = join(dataDir, 'assets')
  const bytesMax = limits.assetBytes
  const cache = new AssetCache({ ...ports, folder, bytesMax: limits.assetCacheBytes })
  const encoder = new ImageEncoder()
  const intake = new AssetIntake({ ...ports, folder, bytesMax, encoder })
  const upkeep = new AssetUpkeep({ ...ports, cache })
  const stop = () => {
    upkeep.stop()
    encoder.stop()
  }
  return { store, intake, cache, upkeep, bytesMax, stop }
}
