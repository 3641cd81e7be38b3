import assert from 'node:assert/strict'
import test from 'node:test'
import { type DrainView, drainStep, HANDOVER_BATCH } from './drain-decision.ts'

const ids = (count: number) => Array.from({ length: count }, (_, i) => `c${i}`)
const view = (more: Partial<DrainView>): DrainView => ({
  nowMs: 0,
  deadlineMs: 1000,
  finish: false,
  owned: ids(40),
  successors: (conversation) => (Number(conversation.slice(1)) % 2 === 0 ? ['a', 'b'] : ['b', 'a']),
  ...more,
})

test('[RL1] conversations go to the node that everybody would ask first, a bounded number at a time', () => {
  const step = drainStep(view({}))
  assert.ok(step.kind === 'give')
  assert.equal(step.to, 'a')
  assert.equal(step.conversations.length, HANDOVER_BATCH)
  assert.ok(step.conversations.every((conversation) => Number(conversation.slice(1)) % 2 === 0))
})

test('an empty node is done, whatever the time', () => {
  assert.equal(drainStep(view({ owned: [], nowMs: 5000 })).kind, 'done')
})

test('[RL2] a drain that lets conversations finish moves none', () => {
  assert.equal(drainStep(view({ finish: true })).kind, 'wait')
})

test('[RL3] a drain ends at its deadline and says how many are left', () => {
  const step = drainStep(view({ nowMs: 1000 }))
  assert.ok(step.kind === 'expired')
  assert.equal(step.left, 40)
})

test('without a successor a drain waits instead of losing anything', () => {
  assert.equal(drainStep(view({ successors: () => [] })).kind, 'wait')
})
