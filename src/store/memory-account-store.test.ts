import { testAccountStore } from './account-store-contract.ts'
import { MemoryAccountStore } from './memory-account-store.ts'

testAccountStore('memory', async () => {
  let now = 1_700_000_000_000
  return {
    store: new MemoryAccountStore(() => now),
    pass: async (ms) => {
      now += ms
    },
  }
})
