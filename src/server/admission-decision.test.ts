import assert from 'node:assert/strict'
import test from 'node:test'
import { admit } from './admission-decision.ts'

const limits = { conversationsMax: 100, resumeAtPercent: 80 }
const node = { opens: true, mode: 'enabled' as const }

test('[SV7] a node at its limit refuses new conversations until it is below the threshold', () => {
  assert.equal(admit({ ...node, owned: 99, admitting: true }, limits).refusal, undefined)
  assert.equal(admit({ ...node, owned: 100, admitting: true }, limits).refusal?.code, 'at-capacity')
  assert.equal(admit({ ...node, owned: 80, admitting: false }, limits).refusal?.code, 'at-capacity')
  assert.equal(admit({ ...node, owned: 79, admitting: false }, limits).refusal, undefined)
})

test('a disabled, a draining and a backup node open nothing', () => {
  assert.equal(admit({ ...node, mode: 'disabled', owned: 0, admitting: true }, limits).refusal?.code, 'draining')
  assert.equal(admit({ ...node, mode: 'draining', owned: 0, admitting: true }, limits).refusal?.code, 'draining')
  assert.equal(admit({ ...node, opens: false, owned: 0, admitting: true }, limits).refusal?.code, 'draining')
})
