import assert from 'node:assert/strict'
import test from 'node:test'
import { gapOf, summariseGaps, TRIALS_FOR_P99, worstGap } from './gap-statistics.ts'

const client = (...timesMs: number[]) => ({ client: 'c', timesMs })

test('[CA2] the gap is from the last sign before the fault to the first after it', () => {
  assert.deepEqual(gapOf(client(0, 90, 750, 800), 100, 1000), { client: 'c', gapMs: 660, fromMs: 90 })
})

test('[CA2] an answer that was on its way at the fault does not hide the silence behind it', () => {
  assert.deepEqual(gapOf(client(0, 90, 105, 750), 100, 1000), { client: 'c', gapMs: 645, fromMs: 105 })
})

test('[CA2] who never answers again is silent until the end', () => {
  assert.equal(gapOf(client(0, 90), 100, 5000)?.gapMs, 4910)
})

test('[CA2] a silence that began in time counts whole, one that began later does not count', () => {
  assert.equal(gapOf(client(90, 150, 900, 3000), 100, 200)?.gapMs, 750)
})

test('[CA2] a client that had not begun before the fault is not judged', () => {
  assert.equal(gapOf(client(300, 400), 100, 1000), undefined)
  assert.equal(worstGap([client()], 100, 1000), undefined)
})

test("[CA2] a trial's figure is that of its worst client", () => {
  const clients = [
    { client: 'quick', timesMs: [0, 100, 200, 300] },
    { client: 'slow', timesMs: [0, 90, 290, 300] },
  ]
  assert.deepEqual(worstGap(clients, 95, 300), { client: 'slow', gapMs: 200, fromMs: 90 })
})

test('[CA2] a p99 is told only where there are trials enough for it', () => {
  assert.equal(summariseGaps([]), undefined)
  assert.deepEqual(summariseGaps([300, 100, 200]), { trials: 3, p50Ms: 200, maxMs: 300 })
  const many = Array.from({ length: TRIALS_FOR_P99 }, (_, index) => index)
  assert.deepEqual(summariseGaps(many), { trials: 299, p50Ms: 149, maxMs: 298, p99Ms: 298 })
})
