import assert from 'node:assert/strict'
import test from 'node:test'
import { wordLosses } from './word-losses.ts'

test('[BE10] nothing is wrong where everybody was given every acknowledged word in order', () => {
  const all = ['a.1', 'b.1', 'a.2']
  const rooms = [{ acknowledged: ['a.1', 'a.2'], given: [all, all] }]
  assert.deepEqual(wordLosses(rooms), { due: 4, lost: 0, duplicated: 0, reordered: 0 })
})

test('[BE10] what is missing, what came twice and what came late is counted for each client', () => {
  const given = [['a.1', 'a.3'], ['a.1', 'a.2', 'a.2', 'a.3'], ['a.2', 'a.1', 'a.3'], []]
  const rooms = [{ acknowledged: ['a.1', 'a.2', 'a.3'], given }]
  assert.deepEqual(wordLosses(rooms), { due: 12, lost: 4, duplicated: 1, reordered: 1 })
})

test('[BE10] a word that nobody acknowledged may be missing', () => {
  assert.equal(wordLosses([{ acknowledged: [], given: [['a.1'], []] }]).lost, 0)
})
