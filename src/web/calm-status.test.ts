import assert from 'node:assert/strict'
import test from 'node:test'
import { calmStatus, type StatusInput } from './calm-status.ts'

const calm: StatusInput = {
  connection: 'online',
  connectionSinceMs: 0,
  conversation: 'live',
  conversationSinceMs: 0,
  nowMs: 100_000,
}

test('[WE21] nothing is said while all is well', () => {
  assert.deepEqual(calmStatus(calm), {})
})

test('[WE21] a short trouble is never told, a lasting one calmly', () => {
  const table = [
    ['connecting', 800],
    ['resuming', 4_000],
    ['offline', 2_500],
  ] as const
  for (const [connection, afterMs] of table) {
    const input = { ...calm, connection, connectionSinceMs: 1_000 }
    assert.deepEqual(calmStatus({ ...input, nowMs: 1_100 }), { againInMs: afterMs - 100 })
    assert.equal(calmStatus({ ...input, nowMs: 1_000 + afterMs }).againInMs, undefined)
    assert.match(calmStatus({ ...input, nowMs: 1_000 + afterMs }).line?.text ?? '', /\w/)
  }
})

test('[WE21] a conversation that changes its owner is told only when that lasts', () => {
  for (const conversation of ['resuming', 'store-unavailable'] as const) {
    const input = { ...calm, conversation, conversationSinceMs: 99_000 }
    assert.equal(calmStatus(input).line, undefined)
    assert.equal(calmStatus({ ...input, nowMs: 104_000 }).line?.text, 'One moment. What you write is kept.')
  }
})

test('[WE21] no sentence speaks of a disconnection', () => {
  for (const connection of ['connecting', 'resuming', 'offline', 'stopped'] as const)
    for (const conversation of ['live', 'resuming', 'store-unavailable'] as const) {
      const { line } = calmStatus({ ...calm, connection, conversation, nowMs: 1_000_000 })
      assert.doesNotMatch(line?.text ?? '', /disconnect|resum|lost|error|fail/i)
    }
})
