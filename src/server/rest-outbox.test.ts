import assert from 'node:assert/strict'
import test from 'node:test'
import fastify from 'fastify'
import type { OutboxAnswer } from '../protocol/outbox-answers.ts'
import { MemoryOutboxStore } from '../store/memory-outbox-store.ts'
import { outboxRoutes } from './rest-outbox.ts'

test('[SV61] dead letters are shown without what they say, and are replayed or dropped, each once and audited', async () => {
  const outbox = new MemoryOutboxStore(() => 1000)
  const app = fastify()
  app.decorateRequest('claims', null)
  const acts: string[] = []
  outboxRoutes(app, {
    outbox,
    audit: {
      async act(_who, { act, on }, perform) {
        const { outcome, happened } = await perform()
        if (happened === 'done') acts.push(`${act} ${on}`)
        return outcome
      },
    },
  })
  await outbox.post(['a', 'b', 'c'].map((id) => ({ id, lane: id, kind: 'mail', body: '{"to":"vera@example.com"}' })))
  const [a, b] = await outbox.take({ by: 'x', kinds: ['mail'], limit: 2, leaseMs: 1000 })
  assert.ok(a && b)
  await outbox.bury(a, '550 no such user')
  await outbox.bury(b, '550 no such user')
  const shown = await app.inject('/api/outbox')
  assert.ok(!shown.body.includes('vera@example.com'))
  const { waiting, dead, lanes, deadLetters } = shown.json<OutboxAnswer>()
  assert.deepEqual(
    lanes.map(({ lane, waiting: behind, first }) => [lane, behind, first.id, first.attempts, first.held]),
    [['c', 1, 'c', 0, false]],
  )
  assert.deepEqual([waiting, dead, deadLetters.map(({ id }) => id)], [1, 2, ['a', 'b']])
  const post = (url: string, id: string) => app.inject({ method: 'POST', url, payload: { id } })
  assert.equal((await post('/api/outbox/replay', 'a')).statusCode, 200)
  assert.equal((await post('/api/outbox/drop', 'b')).statusCode, 200)
  for (const id of ['a', 'b', 'c', 'nonsense']) {
    const again = await post('/api/outbox/replay', id)
    assert.deepEqual([again.statusCode, again.json().code], [404, 'unknown-dead-letter'])
  }
  assert.deepEqual(acts, ['outbox.replay outbox/a', 'outbox.drop outbox/b'])
  assert.deepEqual((await app.inject('/api/outbox')).json<OutboxAnswer>().deadLetters, [])
})
