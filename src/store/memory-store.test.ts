import { testLogStore } from './log-store-contract.ts'
import { MemoryStore } from './memory-store.ts'

testLogStore('memory', async () => {
  let now = 1_700_000_000_000
  return {
    store: new MemoryStore({ now: () => now }),
    pass: async (ms) => {
      now += ms
    },
  }
})
