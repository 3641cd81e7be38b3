import assert from 'node:assert/strict'
import test from 'node:test'
import { checkConfigHistory, type RecordedChange } from './config-history.ts'

const NONE = { lost: 0, doubled: 0, halfApplied: 0, holes: 0, astray: 0 }
const change = (revision: number, value: number, twin = value): RecordedChange => ({
  revision,
  values: { 'text/a': value, 'text/a-twin': twin },
})
const edit = (revision: number, value: number) => ({ counter: 'text/a', value, revision })
const at = (value: number, twin = value) => ({ 'text/a': value, 'text/a-twin': twin })

test('[CA26] a history that holds every acknowledged edit once, with its twin, is whole', () => {
  assert.deepEqual(checkConfigHistory([edit(1, 1), edit(2, 2)], [change(2, 2), change(1, 1)], at(2)), NONE)
  // Taken, and its answer lost: nobody was told, and it counts all the same.
  assert.deepEqual(checkConfigHistory([edit(1, 1)], [change(1, 1), change(2, 2)], at(2)), NONE)
  assert.deepEqual(checkConfigHistory([], [], {}), NONE)
})

test('[CA26] an acknowledged edit that is not there is lost', () => {
  assert.equal(checkConfigHistory([edit(1, 1), edit(2, 2)], [change(1, 1)], at(1)).lost, 1)
})

test('[CA26] a counter that rose twice for one edit is doubled', () => {
  const check = checkConfigHistory([edit(1, 1)], [change(1, 1), change(2, 1)], at(1))
  assert.equal(check.doubled, 1)
})

test('[CA26] a counter without its twin is half applied, and so is one that went elsewhere since', () => {
  assert.equal(checkConfigHistory([edit(1, 1)], [change(1, 1, 0)], at(1, 0)).halfApplied, 1)
  assert.equal(checkConfigHistory([edit(1, 1)], [change(1, 1)], at(1, 0)).astray, 1)
})

test('[CA26] a revision that is missing is a hole', () => {
  assert.equal(checkConfigHistory([], [change(1, 1), change(3, 2)], at(2)).holes, 1)
})
