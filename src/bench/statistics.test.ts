import assert from 'node:assert/strict'
import test from 'node:test'
import { medianOf, percentile, summaryOf } from './statistics.ts'

const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)

test('[BE1] a percentile is a value that was measured, never one in between', () => {
  assert.equal(percentile(hundred, 0.5), 50)
  assert.equal(percentile(hundred, 0.99), 99)
  assert.equal(percentile(hundred, 1), 100)
  assert.equal(percentile([7], 0.5), 7)
  assert.equal(percentile([1, 1000], 0.5), 1)
  assert.equal(percentile([1, 1000], 0.99), 1000)
})

test('[BE1] the median of an even number of values lies in the middle of two', () => {
  assert.equal(medianOf([3, 1, 2]), 2)
  assert.equal(medianOf([4, 1, 2, 3]), 2.5)
})

test('[BE1] nothing is told of what was not measured', () => {
  assert.equal(summaryOf([]), undefined)
  assert.deepEqual(summaryOf([2, 1]), { count: 2, min: 1, p50: 1, p99: 2, max: 2 })
})
