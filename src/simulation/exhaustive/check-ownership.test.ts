import assert from 'node:assert/strict'
import test from 'node:test'
import {
  checkOwnership,
  judged,
  outcomeLines,
  QUICK_SEARCHES,
  type SearchOutcome,
  verdictLine,
} from './check-ownership.ts'
import { type Explorable, searchExhaustively } from './exhaustive-search.ts'
import { OWNERSHIP_DEFECTS } from './ownership-defects.ts'
import { type OwnershipBounds, OwnershipWorld } from './ownership-world.ts'

const tell = (outcomes: readonly SearchOutcome[]) => outcomes.flatMap(outcomeLines).join('\n')

test('[SI11] no order of crashes, pauses, cuts and lost replies gives two nodes, or three, two owners', async (t) => {
  const { searches, defects, passed } = await checkOwnership(QUICK_SEARCHES)
  t.diagnostic(tell(searches))
  for (const { violation, ended, compared, states } of searches) {
    assert.equal(violation, undefined, tell(searches))
    assert.ok(ended !== 'states' && compared > 0 && states > 100, 'the search is not hollow')
  }
  for (const [index, { name, breaks }] of OWNERSHIP_DEFECTS.entries())
    assert.equal(defects[index]?.violation?.rule, breaks, `${name} is not seen\n${tell(defects)}`)
  assert.equal(passed, true)

  // The same searches, one of which had more states than may be kept: nobody knows what the rest of them hides.
  const cut = searches.map((outcome, index) => (index === 0 ? { ...outcome, ended: 'states' as const } : outcome))
  const report = judged(cut.length, cut, defects)
  assert.deepEqual([report.complete, report.passed], [false, false])
  assert.match(tell(cut.slice(0, 1)), /NOT EXHAUSTIVE, stopped at \d+ states/)
  assert.match(verdictLine(report), /^9 searches, NOT EXHAUSTIVE.*: FAILED$/)
  assert.equal(judged(searches.length + 1, searches, defects).complete, false, 'one was not begun')

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

/** How the world looks after each of the stories. */
async function looksAfter(
  more: Partial<OwnershipBounds>,
  ...stories: readonly (readonly string[])[]
): Promise<string[]> {
  const none = { death: 0, pause: 0, cut: 0, loss: 0 }
  const bounds = { nodes: 2, messages: 2, asks: 2, faults: none, handovers: 1, timeSteps: 3, ...more }
  const looks: string[] = []
  for (const story of stories) {
    const world = await OwnershipWorld.begin(bounds)
    for (const wanted of story) {
      const move = world.moves().find(({ sentence }) => sentence === wanted)
      assert.ok(move, `${wanted}: not among ${world.moves().map(({ sentence }) => sentence)}`)
      await world.make(move)
    }
    looks.push(world.fingerprint())
  }
  return looks
}

const SAYS = "the visitor's message 1 goes to chat-1"
const STORED = "chat-1's append of m1 at epoch 1 after seq 2 takes place"
const ANSWERED = "chat-1's append of m1 at epoch 1 after seq 2 is answered"
const TIME = '300 ms pass'

// Each of these was found by a search that took two states for one.
test('[SI12] that an append left just now, and holds up the next one, is seen', async () => {
  const [before, lately] = await looksAfter({}, [SAYS, STORED, TIME, ANSWERED], [TIME, SAYS, STORED, ANSWERED])
  assert.notEqual(before, lately)
})

test('[SI12] to whom a node is giving a conversation is seen while the gift waits for an append', async () => {
  const gift = (heir: string) => [
    ...[SAYS, "the visitor's message 1 goes to chat-2", 'chat-3 stands still'],
    `chat-1 is told to give the conversation to ${heir}`,
  ]
  const faults = { death: 0, pause: 1, cut: 0, loss: 0 }
  const [second, third] = await looksAfter({ nodes: 3, faults }, gift('chat-2'), gift('chat-3'))
  assert.notEqual(second, third)
})

test('[SI12] of two nodes that act at the same instant it is seen which comes first', async () => {
  const faults = { death: 2, pause: 0, cut: 0, loss: 0 }
  const again = (name: string) => `${name} is started again`
  const [first, second] = await looksAfter(
    { faults },
    [SAYS, 'chat-1 dies', again('chat-1'), TIME, 'chat-2 dies', TIME, again('chat-2')],
    [SAYS, 'chat-1 dies', TIME, 'chat-2 dies', TIME, again('chat-2'), again('chat-1')],
  )
  assert.notEqual(first, second)
})

test('[SI12] that a node was told what the dead left, and asks no more for a while, is seen', async () => {
  const [claim, buried] = ["chat-2's claim takes place", "the word of chat-2's supervisor that it exited takes place"]
  const asks = ["the visitor's message 1 goes to chat-2", claim]
  const adopts = ['chat-2 dies', buried, TIME, "chat-1's adoption takes place"]
  const [lost, told] = await looksAfter(
    { faults: { death: 1, pause: 0, cut: 0, loss: 1 } },
    [...asks, ...adopts, "chat-1's adoption: its reply is lost"],
    [...asks, `chat-2's claim: its reply is lost`, ...adopts, "chat-1's adoption is answered"],
  )
  assert.notEqual(lost, told)
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

test('[SI12] what ended a search is told: only one that left nothing out within its depth is exhaustive', async () => {
  const endOf = async (more: { depthMax?: number; statesMax?: number; stopped?: () => boolean }) => {
    const bounds = { depthMax: 9, statesMax: 99, compareEvery: 99, ...more }
    return (await searchExhaustively(async () => counter((count) => Math.min(count, 4)), bounds)).ended
  }
  assert.equal(await endOf({ depthMax: 2 }), 'depth')
  assert.equal(await endOf({ statesMax: 3 }), 'states')
  assert.equal(await endOf({ stopped: () => true }), 'stopped')
  assert.equal(await endOf({}), 'violation')
})

test('[SI12] two states that were wrongly taken for one are found', async () => {
  const bounds = { depthMax: 9, statesMax: 99, compareEvery: 1 }
  const blind = (count: number) => Math.min(count, 3)
  const { violation } = await searchExhaustively(async () => counter((count) => blind(count)), bounds)
  assert.equal(violation?.rule, 'fingerprint')
})
