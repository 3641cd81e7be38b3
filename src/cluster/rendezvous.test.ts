import assert from 'node:assert/strict'
import test from 'node:test'
import { idFromBits } from '../base/ids.ts'
import { rendezvousOrder } from './rendezvous.ts'

const nodes = ['n1', 'n2', 'n3', 'n4']
const conversations = Array.from({ length: 4000 }, (_, i) => idFromBits(BigInt(i) * 7_919_317n))

test('[CL6] the order of the candidates does not depend on the order in which they are known', () => {
  for (const conversation of conversations.slice(0, 100))
    assert.deepEqual(rendezvousOrder(conversation, nodes), rendezvousOrder(conversation, [...nodes].reverse()))
})

test('[CL6] a lost node moves only its own conversations', () => {
  for (const conversation of conversations.slice(0, 200)) {
    const [first] = rendezvousOrder(conversation, nodes)
    const [without] = rendezvousOrder(
      conversation,
      nodes.filter((node) => node !== 'n2'),
    )
    if (first !== 'n2') assert.equal(without, first)
  }
})

test('each of four nodes is preferred for a fair share', () => {
  const shares = new Map<string, number>()
  for (const conversation of conversations) {
    const first = rendezvousOrder(conversation, nodes)[0] ?? ''
    shares.set(first, (shares.get(first) ?? 0) + 1)
  }
  for (const node of nodes) {
    const share = shares.get(node) ?? 0
    assert.ok(share > 850 && share < 1150, `${node} is preferred for ${share} of 4000`)
  }
})
