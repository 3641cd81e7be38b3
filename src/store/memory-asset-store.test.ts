import { testAssetStore } from './asset-store-contract.ts'
import { MemoryAssetStore } from './memory-asset-store.ts'
import { MemoryConfigStore } from './memory-config-store.ts'

testAssetStore('memory', async () => {
  let atMs = 1_700_000_000_000
  const now = () => atMs
  const config = new MemoryConfigStore(now)
  const age = async (ms: number) => {
    atMs += ms
  }
  return { assets: new MemoryAssetStore({ now, config }), config, age }
})
