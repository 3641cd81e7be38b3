import assert from 'node:assert/strict'
import test from 'node:test'
import type { ClusterAnswer, NodeRow } from '../../protocol/rest-answers.ts'
import { conditionOf, healthOf, hues, inOrder } from './cluster-facts.ts'

const node = (name: string, more: Partial<NodeRow> = {}): NodeRow => ({
  name,
  role: 'chat',
  mode: 'enabled',
  state: 'live',
  incarnation: '0000000000000',
  version: '0.1.0',
  beatAgeMs: 10,
  owned: 0,
  attached: 0,
  sockets: 0,
  supervised: true,
  ...more,
})
const cluster = (nodes: readonly NodeRow[], owners: readonly (string | undefined)[] = []): ClusterAnswer => ({
  node: 'edge-1',
  version: '0.1.0',
  publicUrl: 'http://localhost',
  at: 0,
  nodes,
  ownership: owners.map((owner, index) => ({
    conversation: String(index),
    epoch: 1,
    ...(owner !== undefined && { owner }),
  })),
  openConversations: owners.length,
  damaged: [],
  counters: {},
  acts: [],
})

test('nodes keep their place and their colour, chat nodes first', () => {
  const nodes = [node('edge-1', { role: 'edge' }), node('chat-2'), node('chat-1')]
  assert.deepEqual(
    inOrder(nodes).map(({ name }) => name),
    ['chat-1', 'chat-2', 'edge-1'],
  )
  assert.deepEqual(
    [...hues(nodes)],
    [
      ['chat-1', 0],
      ['chat-2', 1],
    ],
  )
})

test('the health of the cluster is its worst trouble', () => {
  const table = [
    [cluster([node('a'), node('b')], ['a', 'b']), 'good', 'all 2 nodes live'],
    [cluster([node('a'), node('b', { mode: 'disabled' })], ['a']), 'good', 'all nodes live, 1 resting'],
    [cluster([node('a'), node('b', { state: 'dead' })], ['a']), 'worry', '1 of 2 nodes live'],
    [cluster([node('a'), node('b', { state: 'dead' })], ['a', 'b', undefined]), 'worry', '2 between owners'],
  ] as const
  for (const [answer, tone, text] of table) assert.deepEqual(healthOf(answer), { tone, text })
})

test('the condition of a node is one word', () => {
  assert.equal(conditionOf(node('a')).text, 'live')
  assert.equal(conditionOf(node('a', { state: 'dead', mode: 'draining' })).text, 'dead')
  assert.equal(conditionOf(node('a', { state: 'suspect' })).text, 'silent')
  assert.equal(conditionOf(node('a', { mode: 'draining' })).text, 'draining')
  assert.equal(conditionOf(node('a', { mode: 'disabled' })).text, 'resting')
})
