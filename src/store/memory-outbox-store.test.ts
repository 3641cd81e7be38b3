import { MemoryStore } from './memory-store.ts'
import { testOutboxStore } from './outbox-store-contract.ts'

testOutboxStore('memory', async () => {
  let now = 1_700_000_000_000
  const store = new MemoryStore({ now: () => now })
  return {
    store,
    outbox: store.outbox,
    pass: async (ms) => {
      now += ms
    },
  }
})
