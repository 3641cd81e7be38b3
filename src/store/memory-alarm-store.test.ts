import { testAlarmStore } from './alarm-store-contract.ts'
import { MemoryAlarmStore } from './memory-alarm-store.ts'
import { MemoryOutboxStore } from './memory-outbox-store.ts'

const NOW = 1_700_000_000_000

testAlarmStore('memory', async () => {
  const outbox = new MemoryOutboxStore(() => NOW)
  return { alarms: new MemoryAlarmStore(() => NOW, outbox), outbox, now: async () => NOW }
})
