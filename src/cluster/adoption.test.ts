import assert from 'node:assert/strict'
import test from 'node:test'
import { type ConversationId, idFromBits } from '../base/ids.ts'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { memoryMetrics } from '../base/metrics.ts'
import { CHAT_FACTS } from '../store/member-facts-stage.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { type Adopter, Adoption } from './adoption.ts'
import { Membership } from './membership.ts'

async function stage() {
  const clock = new ManualClock()
  const store = new MemoryStore({ now: () => clock.wallMs() })
  const ports = { clock, log: silentLog, metrics: memoryMetrics(), store }
  const random = { fraction: () => 0.5, id: () => idFromBits(1n) }
  const membership = new Membership({ ...ports, random }, 'n1', () => CHAT_FACTS)
  await membership.start()
  const begin = (adopter: Partial<Adopter>) => {
    const adoption = new Adoption(ports, membership, {
      willing: () => true,
      install() {},
      holds: () => false,
      async wake() {},
      async reclaim() {},
      ...adopter,
    })
    adoption.start()
    return async () => {
      adoption.stop()
      await membership.stop()
    }
  }
  return { clock, store, membership, begin }
}

test('[CL9] however many conversations a node owns without knowing it, all are claimed again', async () => {
  const { clock, store, membership, begin } = await stage()
  const owned = Array.from({ length: 10_001 }, (_, i) => idFromBits(BigInt(1000 + i)))
  for (const conversation of owned) await store.open(conversation, membership.self())
  const [known, ...forgotten] = owned
  const reclaimed: ConversationId[] = []
  const end = begin({
    holds: (conversation) => conversation === known,
    async reclaim(conversation) {
      reclaimed.push(conversation)
    },
  })
  await clock.advance(5500)
  await end()
  assert.deepEqual(reclaimed, forgotten)
})

test('[CL16] what is set apart is tried again though nobody asks, some a minute, one after the other', async () => {
  const { clock, store, membership, begin } = await stage()
  const damaged = Array.from({ length: 40 }, (_, i) => idFromBits(BigInt(1000 + i)))
  for (const conversation of damaged) {
    await store.open(conversation, membership.self())
    await store.setApart(conversation, 1, 'the program failed')
  }
  const rounds: ConversationId[][] = []
  const end = begin({
    async wake(conversation) {
      rounds.at(-1)?.push(conversation)
    },
  })
  for (let minute = 0; minute < 3; minute++) {
    rounds.push([])
    await clock.advance(60_000)
  }
  await end()
  assert.deepEqual(rounds, [damaged.slice(0, 32), damaged.slice(32), damaged.slice(0, 32)])
})
