import assert from 'node:assert/strict'
import test from 'node:test'
import type { NodeRow } from '../protocol/rest-answers.ts'
import { CannotRehearse, planRehearsal, REHEARSAL_STEPS, rehearsedNode } from './rehearsal-plan.ts'

const node = (name: string, more: Partial<NodeRow> = {}): NodeRow => ({
  name,
  role: name.startsWith('e') ? 'edge' : 'chat',
  mode: 'enabled',
  state: 'live',
  incarnation: `${name}-1`,
  version: '1.0.0',
  beatAgeMs: 10,
  owned: 0,
  attached: 0,
  sockets: 0,
  supervised: true,
  ...more,
})
const refused = (nodes: readonly NodeRow[], asked: string | undefined, sentence: RegExp) =>
  assert.throws(
    () => rehearsedNode({ nodes }, asked),
    (error: unknown) => error instanceof CannotRehearse && sentence.test(error.message),
  )

test('[CA20] a rehearsal hits the node asked for, else the chat node in service that owns most', () => {
  const nodes = [node('e1'), node('e2'), node('n1', { owned: 2 }), node('n2', { owned: 9 }), node('n3', { owned: 5 })]
  assert.equal(rehearsedNode({ nodes }).name, 'n2')
  assert.equal(rehearsedNode({ nodes }, 'n1').name, 'n1')
  assert.equal(rehearsedNode({ nodes }, 'e2').name, 'e2')
  const full = nodes.map((row) => (row.name === 'n2' ? { ...row, mode: 'disabled' as const } : row))
  assert.equal(rehearsedNode({ nodes: full }).name, 'n3')
})

test('[CA20] a cluster where nobody could take over, and a node out of service, are refused in a sentence', () => {
  refused([node('n1'), node('n2')], 'n9', /^No living node is called n9. There are n1, n2.$/)
  refused([node('n1'), node('n2', { state: 'dead' })], 'n2', /No living node is called n2/)
  refused([node('n1'), node('e1')], undefined, /too small: n1 is its only chat node in service/)
  refused([node('n1'), node('n2'), node('e1')], 'e1', /too small: e1 is its only edge in service/)
  refused([node('n1'), node('n2', { mode: 'draining' })], 'n1', /too small/)
  refused([node('n1'), node('n2', { mode: 'draining' })], 'n2', /^n2 is draining: /)
  refused([node('n1'), node('n2', { state: 'suspect' })], 'n2', /^n2 is suspect: /)
  refused([node('e1')], undefined, /no living chat node/)
  assert.equal(rehearsedNode({ nodes: [node('a', { role: 'all' }), node('b', { role: 'all' })] }, 'b').name, 'b')
})

test('[CA20] a kill is left out, with the reason, where no supervisor can be asked', () => {
  const kill = (row: NodeRow, acts: readonly ('drain' | 'kill')[]) =>
    planRehearsal({ acts }, { node: row, steps: ['kill'] })[0]?.leftOut
  assert.equal(kill(node('n1'), ['drain', 'kill']), undefined)
  assert.match(kill(node('n1'), ['drain']) ?? '', /not started by `holdfast up`/)
  assert.match(kill(node('n1', { supervised: false }), ['drain', 'kill']) ?? '', /--steps hand/)
})

test('[CA20] steps come in one order, name whom they hit, and say what it means before they are done', () => {
  const steps = planRehearsal(
    { acts: ['kill'] },
    { node: node('n1', { owned: 7 }), steps: ['hand', 'cut', 'drain', 'kill'] },
  )
  assert.deepEqual(
    steps.map(({ step }) => step),
    REHEARSAL_STEPS,
  )
  assert.deepEqual(
    steps.map((each) => each.node),
    ['n1', 'n1', undefined, 'n1'],
  )
  for (const { step, question } of steps) if (step !== 'cut') assert.match(question, /n1.*7 conversations/, step)
  const [drain] = planRehearsal({ acts: [] }, { node: node('e1', { sockets: 3 }), steps: ['drain'] })
  assert.match(drain?.question ?? '', /e1.*3 client sockets/)
  assert.equal(drain?.keepsSockets, false)
})
