import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backoffMs, decideRoute, type Route, type RouteInput, targetOf, UNKNOWN_ROUTE } from './route-decision.ts'

const reachable = (incarnation: string) => incarnation !== 'gone'
const FOUND: Route = { epoch: 4, owner: 'a', movedAnswers: 0, failures: 0 }

test('Each input leads where the table says [CL26]', () => {
  const table: readonly [Route, RouteInput, string, Partial<Route>][] = [
    [UNKNOWN_ROUTE, { kind: 'found', by: 'a', epoch: 4 }, 'stay', FOUND],
    [{ ...FOUND, failures: 3, movedAnswers: 2 }, { kind: 'found', by: 'a' }, 'stay', FOUND],
    [FOUND, { kind: 'announced', owner: 'b', epoch: 5 }, 'ask-at-once', { epoch: 5, owner: 'b' }],
    [FOUND, { kind: 'announced', owner: 'b', epoch: 3 }, 'stay', FOUND],
    [FOUND, { kind: 'moved', by: 'a', owner: 'b', epoch: 5 }, 'ask-at-once', { epoch: 5, owner: 'b', movedAnswers: 1 }],
    [FOUND, { kind: 'moved', by: 'a', owner: 'b' }, 'ask-at-once', { epoch: 4, owner: 'b' }],
    // What a node of an earlier epoch, or one that names itself or the dead, says is no help.
    [FOUND, { kind: 'moved', by: 'a', owner: 'b', epoch: 3 }, 'ask-at-once', { epoch: 4, failures: 1 }],
    [FOUND, { kind: 'moved', by: 'a', owner: 'a' }, 'ask-at-once', { failures: 1 }],
    [FOUND, { kind: 'moved', by: 'a', owner: 'gone', epoch: 5 }, 'ask-at-once', { failures: 1 }],
    [FOUND, { kind: 'moved', by: 'a' }, 'ask-at-once', { failures: 1 }],
    [{ ...FOUND, failures: 1 }, { kind: 'moved', by: 'a' }, 'ask-later', { failures: 2 }],
    [{ ...FOUND, movedAnswers: 2 }, { kind: 'moved', by: 'a', owner: 'b' }, 'ask-the-store', { movedAnswers: 0 }],
    // Nor is what it said before it became the owner itself, but then it is the one to ask.
    [{ ...FOUND, failures: 6 }, { kind: 'moved', by: 'a', owner: 'b', epoch: 3 }, 'ask-at-once', { owner: 'a' }],
    [{ ...FOUND, failures: 6 }, { kind: 'moved', by: 'c', owner: 'b', epoch: 3 }, 'ask-later', { failures: 7 }],
    [{ ...FOUND, movedAnswers: 2 }, { kind: 'moved', by: 'a', owner: 'b', epoch: 3 }, 'ask-the-store', {}],
    [FOUND, { kind: 'no-answer' }, 'ask-at-once', { failures: 1 }],
    [{ ...FOUND, failures: 1 }, { kind: 'no-answer' }, 'ask-later', { failures: 2 }],
    [UNKNOWN_ROUTE, { kind: 'store-says', owner: 'b' }, 'ask-at-once', { owner: 'b' }],
    [{ ...UNKNOWN_ROUTE, failures: 5 }, { kind: 'store-says', owner: 'b' }, 'ask-later', { owner: 'b' }],
    [{ ...UNKNOWN_ROUTE, failures: 5 }, { kind: 'store-says', owner: 'gone' }, 'ask-later', { failures: 6 }],
    [{ ...UNKNOWN_ROUTE, failures: 5 }, { kind: 'store-says' }, 'ask-later', { failures: 6 }],
  ]
  for (const [route, input, act, expected] of table) {
    const decision = decideRoute(route, input, reachable)
    assert.equal(decision.act, act, JSON.stringify([route, input]))
    assert.deepEqual({ ...decision.route, ...expected }, decision.route, JSON.stringify([route, input]))
  }
})

test('No input lowers the epoch [CL23]', () => {
  const inputs: readonly RouteInput[] = [
    { kind: 'found', by: 'b', epoch: 2 },
    { kind: 'moved', by: 'a', owner: 'b', epoch: 2 },
    { kind: 'no-answer' },
    { kind: 'announced', owner: 'b', epoch: 2 },
    { kind: 'store-says', owner: 'b' },
  ]
  for (const input of inputs) assert.equal(decideRoute(FOUND, input, reachable).route.epoch, 4)
})

test('The owner is asked where it can be, else the preferred ones in turn [CL26]', () => {
  assert.equal(targetOf(FOUND, ['b'], reachable), 'a')
  assert.equal(targetOf({ ...FOUND, owner: 'gone' }, ['gone', 'b', 'c'], reachable), 'b')
  const asked = [0, 1, 2, 3, 4, 5].map((failures) => targetOf({ ...UNKNOWN_ROUTE, failures }, ['b', 'c'], reachable))
  assert.deepEqual(asked, ['b', 'b', 'c', 'c', 'b', 'b'])
  assert.equal(targetOf(UNKNOWN_ROUTE, ['gone'], reachable), undefined)
})

test('Attempts are spaced from 20 ms doubling to half a second, with jitter [CL26]', () => {
  assert.deepEqual(
    [0, 1, 2, 3, 5, 6, 20, 2000].map((failures) => backoffMs(failures, 0)),
    [10, 10, 20, 40, 160, 250, 250, 250],
  )
  assert.ok(backoffMs(20, 0.999) < 500)
})

test('[CL26] where every answer is a bare moved, as an earlier version says of what it cannot claim, asking stays slow', () => {
  let [route, asked] = [UNKNOWN_ROUTE, 0]
  for (let atMs = 0; atMs < 60_000; asked++) {
    let decision = decideRoute(route, { kind: 'moved', by: 'a' }, reachable)
    if (decision.act === 'ask-the-store') decision = decideRoute(decision.route, { kind: 'store-says' }, reachable)
    route = decision.route
    if (decision.act === 'ask-later') atMs += backoffMs(route.failures, 0)
  }
  assert.ok(asked < 250, `asked ${asked} times in a minute`)
})

test('[CL26] an owner that stays out of reach gives the conversation to the node that named it, not at the first failure', () => {
  const input = { kind: 'moved', by: 'a', owner: 'far', epoch: 3 } as const
  const relocations = [0, 2, 3, 9].map(
    (failures) => decideRoute({ ...UNKNOWN_ROUTE, failures }, input, (node) => node === 'a').relocate,
  )
  const relocate = { by: 'a', owner: 'far' }
  assert.deepEqual(relocations, [undefined, undefined, relocate, relocate])
  assert.equal(decideRoute({ ...UNKNOWN_ROUTE, failures: 9 }, input, () => true).relocate, undefined)
})
