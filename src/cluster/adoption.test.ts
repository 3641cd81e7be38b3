import assert from 'node:assert/strict'
import test from 'node:test'
import { type ConversationId, idFromBits } from '../base/ids.ts'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { memoryMetrics } from '../base/metrics.ts'
import type { MemberFacts } from '../store/log-store.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { Adoption } from './adoption.ts'
import { Membership } from './membership.ts'

const facts: MemberFacts = {
  relayAddress: '',
  httpUrl: '',
  roles: ['chat'],
  mode: 'enabled',
  version: '1',
  formatReads: 1,
  owned: 0,
  attached: 0,
}

test('[CL9] however many conversations a node owns without knowing it, all are claimed again', async () => {
  const clock = new ManualClock()
  const store = new MemoryStore({ now: () => clock.wallMs() })
  const ports = { clock, log: silentLog, metrics: memoryMetrics(), store }
  const random = { fraction: () => 0.5, id: () => idFromBits(1n) }
  const membership = new Membership({ ...ports, random }, 'n1', () => facts)
  await membership.start()
  const owned = Array.from({ length: 10_001 }, (_, i) => idFromBits(BigInt(1000 + i)))
  for (const conversation of owned) await store.open(conversation, membership.self())
  const [known, ...forgotten] = owned
  const reclaimed: ConversationId[] = []
  const adoption = new Adoption(ports, membership, {
    willing: () => true,
    install() {},
    holds: (conversation) => conversation === known,
    async wake() {},
    async reclaim(conversation) {
      reclaimed.push(conversation)
    },
  })
  adoption.start()
  await clock.advance(5500)
  adoption.stop()
  await membership.stop()
  assert.deepEqual(reclaimed, forgotten)
})
