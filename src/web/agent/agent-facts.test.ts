import assert from 'node:assert/strict'
import test from 'node:test'
import type { ConversationRow } from '../../protocol/rest-answers.ts'
import { agentIdFor, knownAgents, matches, titleOf, visitorOf } from './agent-facts.ts'

const row = (more: Partial<ConversationRow> = {}): ConversationRow => ({
  conversation: '0000000000abc',
  status: 'open',
  headSeq: 3,
  epoch: 1,
  openedAt: 0,
  changedAt: 0,
  summary: {
    mode: 'live',
    subject: 'Shoes',
    agent: 'ada',
    participants: [
      { id: 'v', role: 'visitor', name: 'Vera' },
      { id: 'ada', role: 'agent', name: 'Ada' },
    ],
  },
  ...more,
})
const bare = { conversation: '0000000000abc', status: 'open', headSeq: 0, epoch: 1, openedAt: 0, changedAt: 0 } as const

test('a row tells who it is with, what about and whose it is', () => {
  assert.equal(visitorOf(row()), 'Vera')
  assert.equal(titleOf(row()), 'Shoes · with Ada')
  assert.equal(titleOf(row({ status: 'closed' })), 'Shoes · ended')
  assert.equal(visitorOf(bare), 'Conversation 0abc')
  assert.equal(titleOf(bare), 'waiting for an agent')
})

test('the list is filtered by state, participation and words', () => {
  assert.ok(matches(row(), { filter: 'open', search: ' sho', me: 'x' }))
  assert.ok(matches(row(), { filter: 'mine', search: 'VERA', me: 'ada' }))
  assert.ok(!matches(row(), { filter: 'mine', search: '', me: 'ben' }))
  assert.ok(!matches(row(), { filter: 'closed', search: '', me: 'ada' }))
  assert.ok(!matches(bare, { filter: 'open', search: 'vera', me: 'ada' }))
})

test('an agent is found by name, or named as its token would be', () => {
  assert.deepEqual(knownAgents([row(), row(), bare]), [{ id: 'ada', name: 'Ada' }])
  assert.equal(agentIdFor(' ADA ', knownAgents([row()])), 'ada')
  assert.equal(agentIdFor('Ben Weiß', []), 'ben-weiß')
})
