import assert from 'node:assert/strict'
import test from 'node:test'
import { every, pause } from './clock.ts'
import { ManualClock } from './manual-clock.ts'

test('[BA5] what is repeated is armed again only after it returned, and stops when told, from inside too', async () => {
  const clock = new ManualClock()
  const calledMs: number[] = []
  const stop = every(clock, 100, () => {
    calledMs.push(clock.monotonicMs())
    if (calledMs.length === 3) stop()
  })
  await clock.advance(1_000)
  assert.deepEqual(calledMs, [100, 200, 300])
  assert.equal(clock.pending, 0)
})

test('[BA5] a pause ends when its time has come', async () => {
  const clock = new ManualClock()
  let over = false
  const waiting = pause(clock, 50).then(() => {
    over = true
  })
  await clock.advance(49)
  assert.equal(over, false)
  await clock.advance(1)
  await waiting
  assert.equal(over, true)
})
