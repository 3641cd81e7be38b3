import assert from 'node:assert/strict'
import test from 'node:test'
import { checkOwnership, outcomeLines, QUICK_SEARCHES, type SearchOutcome } from './check-ownership.ts'
import { type Explorable, searchExhaustively } from './exhaustive-search.ts'
import { OWNERSHIP_DEFECTS } from './ownership-defects.ts'

const tell = (outcomes: readonly SearchOutcome[]) => outcomes.flatMap(outcomeLines).join('\n')

test('[SI11] no order of crashes, pauses, cuts and lost replies gives two nodes, or three, two owners', async (t) => {
  const { searches, defects, passed } = await checkOwnership(QUICK_SEARCHES)
  t.diagnostic(tell(searches))
  for (const { violation, exhausted, compared, states } of searches) {
    assert.equal(violation, undefined, tell(searches))
    assert.ok(exhausted && compared > 0 && states > 200, 'the search is not hollow')
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
