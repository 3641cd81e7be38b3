import { testLogStore } from './log-store-contract.ts'
import { MemoryStore } from './memory-store.ts'

testLogStore('memory', async () => {
  let now = 1_700_000_000_000
  const store = new MemoryStore({ now: () => now })
  return {
    store,
    damage: async (conversation) => {
      const repair = store.damage(conversation)
      return async () => repair()
    },
    pass: async (ms) => {
      now += ms
    },
  }
})
