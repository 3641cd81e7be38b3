import assert from 'node:assert/strict'
import test from 'node:test'
import { type Lease, leaseHeld, renewed } from './lease-decision.ts'

const terms = { leaseMs: 600, marginMs: 50 }

test('[CL1] a lease ends leaseMs less the margin after its renewal was sent, however late the answer came', () => {
  const lease = renewed({ phase: 'joining' }, 1000, terms)
  assert.equal(leaseHeld(lease, 1549), true)
  assert.equal(leaseHeld(lease, 1550), false)
})

test('[CL1] an answer that overtook a later one does not shorten the lease', () => {
  const lease = renewed(renewed({ phase: 'joining' }, 1200, terms), 1000, terms)
  assert.equal(leaseHeld(lease, 1700), true)
})

test('[CL2] a lost lease stays lost', () => {
  const lost: Lease = { phase: 'lost', reason: 'silent' }
  assert.equal(leaseHeld(renewed(lost, 5000, terms), 5001), false)
})

test('a node that has not joined holds no lease', () => {
  assert.equal(leaseHeld({ phase: 'joining' }, 0), false)
})
