import assert from 'node:assert/strict'
import test from 'node:test'
import { memberFactsIn } from './member-facts.ts'

const facts = {
  relayAddress: 'h:1',
  httpUrl: 'http://h:2',
  roles: ['chat', 'edge'],
  mode: 'draining',
  version: '1.2.3',
  formatReads: 2,
  owned: 5,
  attached: 7,
}

test('[SE22] what a node of this version says of itself is taken as it is', () => {
  assert.deepEqual(memberFactsIn(facts), facts)
})

test('[SE22] what another version left out or made strange promises least, and nothing of it throws', () => {
  const least = {
    relayAddress: '',
    httpUrl: '',
    roles: [],
    mode: 'disabled',
    version: '',
    formatReads: 1,
    owned: 0,
    attached: 0,
  }
  const strange = { ...facts, relayAddress: {}, httpUrl: null, roles: 'chat', mode: 'resting', version: 3 }
  const numbers = { formatReads: '2', owned: -1, attached: 1.5 }
  for (const value of [undefined, null, 'x', [], {}, { ...strange, ...numbers }])
    assert.deepEqual(memberFactsIn(value), least, JSON.stringify(value))
  assert.deepEqual(memberFactsIn({ ...facts, roles: ['newer', 'edge'], more: 1 }), { ...facts, roles: ['edge'] })
})
