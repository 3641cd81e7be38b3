import assert from 'node:assert/strict'
import test from 'node:test'
import { checkOwnership, outcomeLines, QUICK_SEARCHES, type SearchOutcome } from './check-ownership.ts'
import { type Explorable, searchExhaustively } from './exhaustive-search.ts'
import { OWNERSHIP_DEFECTS } from './ownership-defects.ts'
import { OwnershipWorld } from './ownership-world.ts'

const tell = (outcomes: readonly SearchOutcome[]) => outcomes.flatMap(outcomeLines).join('\n')

test('[SI11] no order of crashes, pauses, cuts and lost replies gives two nodes, or three, two owners', async (t) => {
  const { searches, defects, passed } = await checkOwnership(QUICK_SEARCHES)
  t.diagnostic(tell(searches))
  for (const { violation, exhausted, compared, states } of searches) {
    assert.equal(violation, undefined, tell(searches))
    assert.ok(exhausted && compared > 0 && states > 100, 'the search is not hollow')
  }
  for (const [index, { name, breaks }] of OWNERSHIP_DEFECTS.entries())
    assert.equal(defects[index]?.violation?.rule, breaks, `${name} is not seen\n${tell(defects)}`)
  assert.equal(passed, true)
  assert.deepEqual(defects[0] && outcomeLines(defects[0]).slice(1), [
    "  1. the visitor's message 1 goes to chat-1",
    "  2. chat-1's append of m1 at epoch 1 after seq 2: its connection breaks, and it may still come through",
    "  3. chat-1's claim takes place",
    "  4. chat-1's append of m1 at epoch 1 after seq 2 takes place",
    '  => 00000000004k7: seq 3 carries epoch 1 in epoch 2.',
  ])
})

// What the search found: the ledger forgot at the second claim that the first one had been a handover.
test('[SI11] an owner that does not know yet that its successor claimed, and claimed again, breaks no rule', async () => {
  const faults = { death: 0, pause: 0, cut: 0, loss: 0 }
  const bounds = { nodes: 2, messages: 1, asks: 2, faults, handovers: 1, timeSteps: 0 }
  const world = await OwnershipWorld.begin(bounds)
  for (const wanted of [
    'chat-1 is told to give the conversation to chat-2',
    "chat-1's offer takes place",
    "the visitor's message 1 goes to chat-2",
    "chat-1's offer is answered",
    "chat-1's word to chat-2 that it may have the conversation takes place",
    "chat-2's claim takes place",
    "chat-2's claim takes place",
    "the visitor's message 1 goes to chat-1",
  ]) {
    const move = world.moves().find(({ sentence }) => sentence === wanted)
    assert.ok(move, `${wanted}: not among ${world.moves().map(({ sentence }) => sentence)}`)
    await world.make(move)
  }
  assert.equal(world.violation, undefined)
})

/** Counts up by one or two; its fingerprint shows only what `look` makes of it. */
function counter(look: (count: number) => number): Explorable {
  let count = 0
  const step = (by: number) => ({
    sentence: `plus ${by}`,
    make: () => {
      count += by
    },
  })
  return {
    moves: () => (count < 6 ? [step(1), step(2)] : []),
    make: async ({ make }) => make(),
    fingerprint: () => String(look(count)),
    liveOn: async () => {},
    get violation() {
      return count === 5 ? { rule: 'five', sentence: 'It is five.', atMs: 0 } : undefined
    },
  }
}

test('[SI12] a search goes breadth-first, and visits each state once', async () => {
  const bounds = { depthMax: 9, statesMax: 99, compareEvery: 99 }
  const { states, violation } = await searchExhaustively(async () => counter((count) => count), bounds)
  assert.deepEqual(violation?.story, ['plus 1', 'plus 2', 'plus 2'])
  assert.equal(states, 6)
})

test('[SI12] two states that were wrongly taken for one are found', async () => {
  const bounds = { depthMax: 9, statesMax: 99, compareEvery: 1 }
  const blind = (count: number) => Math.min(count, 3)
  const { violation } = await searchExhaustively(async () => counter((count) => blind(count)), bounds)
  assert.equal(violation?.rule, 'fingerprint')
})
