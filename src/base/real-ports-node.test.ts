import assert from 'node:assert/strict'
import test from 'node:test'
import { isId } from './ids.ts'
import { realClock } from './real-clock-node.ts'
import { realRandom } from './real-random-node.ts'

test('the real clock never runs backwards and calls back not before its delay', async () => {
  const startMs = realClock.monotonicMs()
  await new Promise<void>((resolve) => realClock.after(5, resolve))
  // Node may fire a timer up to one millisecond early by the finer clock.
  assert.ok(realClock.monotonicMs() - startMs >= 4)
})

test('a cancelled callback never comes, and cancelling twice does no harm', async () => {
  let called = false
  const cancel = realClock.after(1, () => {
    called = true
  })
  cancel()
  cancel()
  await new Promise<void>((resolve) => realClock.after(5, resolve))
  assert.equal(called, false)
})

test('real ids are valid and do not repeat', () => {
  const ids = Array.from({ length: 1000 }, () => realRandom.id())
  assert.ok(ids.every(isId))
  assert.equal(new Set(ids).size, ids.length)
})

test('real fractions lie in [0, 1)', () => {
  for (let i = 0; i < 1000; i++) {
    const fraction = realRandom.fraction()
    assert.ok(fraction >= 0 && fraction < 1)
  }
})
