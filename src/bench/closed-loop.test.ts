import assert from 'node:assert/strict'
import test from 'node:test'
import { pause } from '../base/clock.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { closedLoop } from './closed-loop.ts'
import { interleave } from './interleave.ts'

test('[BE2] lanes work side by side, and everything that they did is counted', async () => {
  const clock = new ManualClock()
  const under = { now: 0, max: 0 }
  const loop = closedLoop({
    clock,
    lanes: 3,
    durationMs: 100,
    write: async (lane) => {
      under.now += 1
      under.max = Math.max(under.max, under.now)
      await pause(clock, 10 * (lane + 1))
      under.now -= 1
      return 2
    },
  })
  await clock.advance(200)
  // Ten of 10 ms, five of 20 ms, and four of 30 ms of which the last ends late.
  assert.deepEqual(await loop, { done: 38, ms: 120, perSecond: 38 / 0.12 })
  assert.equal(under.max, 3)
})

test('[BE3] contestants are measured forth and back, after one pass that does not count', async () => {
  const order: string[] = []
  const contestant = (name: string) => ({
    name,
    measure: async () => order.push(name),
  })
  const samples = await interleave(['a', 'b', 'c'].map(contestant), { rounds: 2 })
  assert.equal(order.join(''), 'abcabccbaabccba')
  assert.deepEqual(samples.get('a'), [4, 9, 10, 15])
})

test('[BE3] an interruption ends the measuring after a whole round', async () => {
  let measured = 0
  const one = { name: 'one', measure: async () => ++measured }
  const samples = await interleave([one], { rounds: 5, stopped: () => measured >= 3 })
  assert.equal(samples.get('one')?.length, 2)
})
