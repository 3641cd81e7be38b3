import { testConfigStore } from './config-store-contract.ts'
import { MemoryConfigStore } from './memory-config-store.ts'

testConfigStore('memory', async () => new MemoryConfigStore(() => 1_700_000_000_000))
